//! Who is in the story.

/// A partner of the demo: name, host name, country, type, administrator, how busy it is (deals a quarter).
pub struct Cast {
    pub name: &'static str,
    pub host: &'static str,
    pub country: &'static str,
    pub kind: &'static str,
    pub admin: (&'static str, &'static str),
    pub busy: u64,
}

/// The six partners.
pub const CAST: [Cast; 6] = [
    Cast {
        name: "Alpenblick IT GmbH",
        host: "alpenblick-it.example",
        country: "DE",
        kind: "RESELLER",
        admin: ("Paula Berger", "paula"),
        busy: 6,
    },
    Cast {
        name: "Harbour & Vale Consulting Ltd",
        host: "harbourvale.example",
        country: "GB",
        kind: "INFLUENCE",
        admin: ("Imogen Hart", "imogen"),
        busy: 2,
    },
    Cast {
        name: "Norrsken Distribution AB",
        host: "norrsken.example",
        country: "SE",
        kind: "DISTRIBUTOR",
        admin: ("Linnea Falk", "linnea"),
        busy: 3,
    },
    Cast {
        name: "Ateliers Lumen SARL",
        host: "ateliers-lumen.example",
        country: "FR",
        kind: "SYSTEM_INTEGRATOR",
        admin: ("Camille Roux", "camille"),
        busy: 4,
    },
    Cast {
        name: "Cloudkeepers B.V.",
        host: "cloudkeepers.example",
        country: "NL",
        kind: "MANAGED_SERVICE_PROVIDER",
        admin: ("Joost de Wit", "joost"),
        busy: 3,
    },
    Cast {
        name: "Meridian Renewals Inc.",
        host: "meridian-renewals.example",
        country: "US",
        kind: "RETENTION",
        admin: ("Grace Okafor", "grace"),
        busy: 1,
    },
];

/// Their customers: name, host name, country.
pub const CUSTOMERS: [(&str, &str, &str); 14] = [
    ("Hansen Maschinenbau AG", "hansen-maschinenbau.example", "DE"),
    ("Bluewater Shipping plc", "bluewater-shipping.example", "GB"),
    ("Polar Foods AB", "polarfoods.example", "SE"),
    ("Verrerie du Rhône SA", "verrerie-rhone.example", "FR"),
    ("Tulip Logistics N.V.", "tuliplogistics.example", "NL"),
    ("Prairie Health Inc.", "prairiehealth.example", "US"),
    ("Kestrel Insurance Ltd", "kestrel-insurance.example", "GB"),
    ("Stadtwerke Lindau GmbH", "stadtwerke-lindau.example", "DE"),
    ("Fjord Energi AS", "fjordenergi.example", "NO"),
    ("Banco del Sol S.A.", "bancodelsol.example", "ES"),
    ("Orchard Retail Group", "orchardretail.example", "GB"),
    ("Campo Verde S.p.A.", "campoverde.example", "IT"),
    ("Delta Precision Oy", "deltaprecision.example", "FI"),
    ("Northern Rail Services", "northernrail.example", "GB"),
];

//! Roles of people, as stored (`domain.md §1`).

use super::states::{stored_words, word_sets};

stored_words! {
    /// What a person may do. The first six are the vendor's staff, the last four belong to one partner company.
    Role {
        /// Staff: manages users, clients, policies; may do what the other staff roles may, but for four eyes.
        Admin,
        /// Staff: approves applications, registrations and fund requests.
        ChannelOps,
        /// Staff: owns a portfolio of partners.
        ChannelManager,
        /// Staff: pays claims.
        Finance,
        /// Staff: a sales representative of the vendor itself.
        DirectSales,
        /// Staff: reads measurement, changes nothing.
        Executive,
        /// Partner: administers the partner company in the portal.
        PartnerAdmin,
        /// Partner: registers and works deals.
        Seller,
        /// Partner: requests and claims market development funds.
        Marketer,
        /// Partner: takes training.
        Learner,
    }
}

impl Role {
    /// Whether the role is one of the vendor's staff.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        match self {
            Self::Admin
            | Self::ChannelOps
            | Self::ChannelManager
            | Self::Finance
            | Self::DirectSales
            | Self::Executive => true,
            Self::PartnerAdmin | Self::Seller | Self::Marketer | Self::Learner => false,
        }
    }
}

word_sets! {
    /// The roles of one person.
    Roles of Role;
}

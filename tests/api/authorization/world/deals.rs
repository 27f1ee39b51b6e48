//! Customers, and the deals about them in every state.

use entity::value::Role;
use serde_json::{Value, json};

use super::{Side, World, money};

impl World<'_> {
    /// What somebody writes who registers a deal with sufficient evidence on a customer of that name.
    pub fn new_deal(&self, side: Side, customer: &str) -> Value {
        json!({
            "account": { "details": { "name": customer, "country": "DE" } },
            "productLineIds": [self.fact(Side::Vendor, "line")],
            "amount": money(1_000_000), "expectedCloseOn": "2026-06-30",
            "customerContact": { "name": "Kim Customer", "email": format!("kim@customer-of-{}", side.domain()) },
            "partnerRole": "RESELL", "need": "They outgrew what they have.",
            "evidence": [
                { "kind": "CUSTOMER_IDENTITY", "description": format!("extract of the registry for {}", side.domain()) },
                { "kind": "DECISION_MAKER", "description": "Kim decides" },
                { "kind": "INTERACTION", "description": "first meeting", "occurredAt": "2026-02-20T10:00:00Z", "proof": "minutes" },
            ],
        })
    }

    /// A new customer's name.
    pub fn customer(&self, side: Side) -> String {
        // Names of one letter after another would be similar; numbers in words are not.
        let number = self.number();
        let words = ["Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Heath", "Inlet", "Jetty"];
        let digits = number.to_string();
        let name: Vec<_> = digits.bytes().map(|digit| words[usize::from(digit - b'0')]).collect();
        format!("{side:?} {} Works", name.join(" "))
    }

    /// A new deal in review.
    pub async fn deal(&self, side: Side) -> Value {
        let input = self.new_deal(side, &self.customer(side));
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id state }").await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new deal that nothing stands against: nobody has a name like this customer's.
    pub async fn clean_deal(&self, side: Side) -> Value {
        let syllables = ["ka", "lo", "mi", "ru", "te", "vo", "za", "ne", "pu", "sy"];
        let digits = (u64::from(self.number()) * 7_654_321).to_string();
        let name: String = digits.bytes().map(|digit| syllables[usize::from(digit - b'0')]).collect();
        let mut input = self.new_deal(side, &name);
        input["account"]["details"]["website"] = json!(format!("{name}.example"));
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new draft of a deal.
    pub async fn draft_deal(&self, side: Side) -> Value {
        let mut input = self.new_deal(side, &self.customer(side));
        input["draft"] = json!(true);
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
        made["dealRegistration"]["id"].clone()
    }

    /// An item of evidence of a new deal in review.
    pub async fn evidence(&self, side: Side) -> Value {
        self.evidence_of(side, &self.deal(side).await).await
    }

    /// An item of evidence of a deal.
    pub async fn evidence_of(&self, side: Side, deal: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { evidence { id } } }";
        let found = self.who(side, Role::Seller).ask(document, json!({ "id": deal })).await;
        found.data["dealRegistration"]["evidence"][0]["id"].clone()
    }

    pub(super) async fn account_of(&self, side: Side, deal: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { account { id } } }";
        let found = self.who(side, Role::Seller).ask(document, json!({ "id": deal })).await;
        found.data["dealRegistration"]["account"]["id"].clone()
    }

    /// A new account that a partner has registered a deal on.
    pub async fn account(&self, side: Side) -> Value {
        self.account_of(side, &self.deal(side).await).await
    }

    /// A new account that no partner knows.
    pub async fn staffs_account(&self) -> Value {
        let input = json!({ "name": self.customer(Side::Vendor), "country": "DE" });
        let made = self.staff(Role::ChannelOps).done("createAccount", input, "account { id }").await;
        made["account"]["id"].clone()
    }

    /// Two accounts that may be the same customer, one of which a partner knows. Made past the API: the matcher finds them.
    pub async fn duplicate(&self, side: Side) -> Value {
        let (one, other) = (self.account(side).await, self.staffs_account().await);
        crate::accounts::duplicates::propose(self.app, &one, &other, 8_000).await;
        let document = "query($id: ID!) { accountDuplicates(filter: { accountId: $id }) { nodes { id } } }";
        let found = self.staff(Role::ChannelOps).ask(document, json!({ "id": one })).await;
        found.data["accountDuplicates"]["nodes"][0]["id"].clone()
    }

    /// A merge of an account into one that a partner knows.
    pub async fn merge(&self, side: Side) -> Value {
        let (one, other) = (self.account(side).await, self.staffs_account().await);
        let input = json!({ "survivorId": one, "mergedId": other, "reason": "They are one." });
        let made = self.staff(Role::ChannelOps).done("mergeAccounts", input, "accountMerge { id }").await;
        made["accountMerge"]["id"].clone()
    }

    /// A new account that a partner once had a deal on, so that it may try again.
    pub async fn free_account(&self, side: Side) -> Value {
        let deal = self.deal(side).await;
        self.who(side, Role::Seller).done("withdrawDealRegistration", json!({ "id": deal }), "").await;
        self.account_of(side, &deal).await
    }

    /// A new deal that is only begun. Made past the API.
    pub async fn begun_deal(&self, side: Side) -> Value {
        let mut input = self.new_deal(side, &self.customer(side));
        let need = format!("Draft {}", self.number());
        input["need"] = json!(need);
        let made = self.who(side, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
        let sql = format!("update deal_registrations set state = 'DRAFT', qualified_at = null where need = '{need}'");
        self.app.execute(&sql).await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new deal on an account that was reserved for the direct team since.
    pub async fn late_deal(&self, side: Side) -> Value {
        let deal = self.deal(side).await;
        let account = self.account_of(side, &deal).await;
        let reserve = json!({ "accountId": account, "reservedFor": "DIRECT", "reason": "Ours." });
        self.staff(Role::ChannelOps).done("reserveAccount", reserve, "").await;
        deal
    }

    /// A new deal that waited, and is offered its place.
    pub async fn offered_deal(&self, side: Side) -> Value {
        let (ops, name) = (self.staff(Role::ChannelOps), self.customer(side));
        let reserved = json!({ "name": name, "country": "DE", "reservedFor": "DIRECT" });
        let account = ops.done("createAccount", reserved, "account { id }").await["account"]["id"].clone();
        let mut deal = self.new_deal(side, &name);
        deal["joinWaitlist"] = json!(true);
        let made = self.who(side, Role::Seller).done("registerDeal", deal, "dealRegistration { id state }").await;
        assert_eq!(made["dealRegistration"]["state"], "WAITLISTED");
        let release = json!({ "accountId": account, "reason": "It is free." });
        ops.done("releaseAccountReservation", release, "").await;
        made["dealRegistration"]["id"].clone()
    }

    /// A new deal whose review its partner disputes.
    pub async fn disputed_deal(&self, side: Side) -> Value {
        let id = self.deal(side).await;
        self.staff(Role::ChannelOps).done("takeDealRegistration", json!({ "id": id }), "").await;
        let input = json!({ "registrationId": id, "statement": "We met them a year ago." });
        self.who(side, Role::Seller).done("disputeDealDecision", input, "").await;
        id
    }

    /// The conflict case of a deal.
    pub async fn case_of(&self, deal: &Value) -> Value {
        let document = "query($id: ID!) { dealRegistration(id: $id) { conflict { case { id } } } }";
        let found = self.staff(Role::ChannelOps).ask(document, json!({ "id": deal })).await;
        found.data["dealRegistration"]["conflict"]["case"]["id"].clone()
    }

    /// New deals of both partners about the same: the one of this side first.
    pub async fn rival_deals(&self, side: Side) -> [Value; 2] {
        let customer = self.customer(side);
        let other = if side == Side::North { Side::South } else { Side::North };
        let mut deals = Vec::new();
        for one in [side, other] {
            let input = self.new_deal(one, &customer);
            let made = self.who(one, Role::Seller).done("registerDeal", input, "dealRegistration { id }").await;
            deals.push(made["dealRegistration"]["id"].clone());
        }
        [deals.remove(0), deals.remove(0)]
    }

    /// A new deal of which half is offered.
    pub async fn shared_deal(&self, side: Side) -> Value {
        let [own, other] = self.rival_deals(side).await;
        let ops = self.staff(Role::ChannelOps);
        let opened = json!({ "registrationIds": [own, other], "rationale": "Who came first?" });
        let opened = ops.done("openDealConflict", opened, "dealConflict { id }").await;
        let share = |id: &Value| json!({ "registrationId": id, "basisPoints": 5000 });
        let offered = json!({ "id": opened["dealConflict"]["id"], "outcome": "SHARED", "rationale": "Both did half of it.",
            "shares": [share(&own), share(&other)], "winnerRegistrationId": own });
        ops.done("decideDealConflict", offered, "").await;
        own
    }

    /// A new deal that was approved.
    pub async fn protected_deal(&self, side: Side) -> Value {
        let id = self.deal(side).await;
        self.staff(Role::ChannelOps).done("approveDealRegistration", json!({ "id": id }), "").await;
        id
    }
}

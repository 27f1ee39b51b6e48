//! Which roles a person gets, and where a browser may be sent.

use std::collections::BTreeMap;

use entity::value::{Role, Roles};
use url::Url;

/// The roles that a person's groups stand for. Roles of partner companies are never given by the vendor's provider.
#[must_use]
pub fn roles_of(groups: &[String], map: &BTreeMap<String, Role>) -> Roles {
    groups.iter().filter_map(|group| map.get(group)).copied().filter(|role| role.is_staff()).collect()
}

/// Where a browser goes afterwards: within the portal or an allowed origin, and nowhere else; without a wish to the
/// portal's first page. A fragment is ours to write.
#[must_use]
pub fn return_address(wish: Option<&str>, portal: &str, origins: &[String]) -> Option<String> {
    let portal = Url::parse(portal).ok()?;
    let Some(wish) = wish else { return Some(portal.to_string()) };
    // Browsers read backslashes as slashes and skip control characters.
    if wish.len() > 1_000 || wish.contains(['\\', '@']) || wish.chars().any(char::is_control) {
        return None;
    }
    let mut address = portal.join(wish).ok()?;
    address.set_fragment(None);
    let origin = address.origin().ascii_serialization();
    let allowed = address.origin() == portal.origin() || origins.contains(&origin);
    allowed.then(|| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_stand_for_roles_of_staff_only() {
        let map = BTreeMap::from([
            ("channel".to_owned(), Role::ChannelOps),
            ("money".to_owned(), Role::Finance),
            ("partners".to_owned(), Role::PartnerAdmin),
        ]);
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(roles_of(&groups(&["money", "channel", "coffee", "money"]), &map).iter().count(), 2);
        assert!(roles_of(&groups(&["partners", "coffee", "Channel"]), &map).is_empty());
        assert!(roles_of(&[], &map).is_empty());
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        let portal = "https://portal.example/app/";
        let origins = vec!["https://ops.example".to_owned()];
        for (wish, landing) in [
            (None, Some("https://portal.example/app/")),
            (Some("/deals?x=1"), Some("https://portal.example/deals?x=1")),
            (Some("deals#x"), Some("https://portal.example/app/deals")),
            (Some("https://ops.example/queue"), Some("https://ops.example/queue")),
            (Some("https://evil.example/"), None),
            (Some("//evil.example/"), None),
            (Some("/\\evil.example/"), None),
            (Some("https://portal.example@evil.example/"), None),
            (Some("https://portal.example.evil.example/"), None),
            (Some("http://portal.example/"), None),
            (Some("javascript:alert(1)"), None),
            (Some("/a\nb"), None),
        ] {
            assert_eq!(return_address(wish, portal, &origins).as_deref(), landing, "{wish:?}");
        }
    }
}

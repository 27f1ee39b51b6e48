//! Pages: default 20, at most 100, in a stable order by (key, id), with opaque cursors; counted only when asked for.

use async_graphql::{
    Context, OutputType, SimpleObject,
    connection::{Connection, CursorType, Edge, EmptyFields},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{
    EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait, IntoColumnRef, SimpleExpr},
};
use uuid::Uuid;

use crate::{
    kernel::code::Code,
    platform::error::{AppError, AppResult},
};

/// How many objects a page has when nothing is asked for.
pub const DEFAULT: u64 = 20;
/// How many objects a page has at most.
pub const MOST: u64 = 100;

/// What a row is sorted by, before its id.
#[derive(Clone, Debug, PartialEq)]
pub enum SortKey {
    /// Nothing: the id itself, which is the order of creation.
    None,
    /// A whole number, such as an instant.
    Number(i64),
    /// A text, compared byte by byte.
    Text(String),
}

/// The place of a row in an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Cursor {
    /// The order's name: a cursor of one order means nothing in another.
    pub order: String,
    /// What the row is sorted by.
    pub key: SortKey,
    /// Its id.
    pub id: Uuid,
}

impl Cursor {
    /// As callers see it.
    #[must_use]
    pub fn encode(&self) -> String {
        let key = match &self.key {
            SortKey::None => "-".to_owned(),
            SortKey::Number(number) => format!("n{number}"),
            SortKey::Text(text) => format!("t{text}"),
        };
        URL_SAFE_NO_PAD.encode(format!("{}\u{1f}{}\u{1f}{key}", self.order, self.id.simple()))
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let mut parts = text.splitn(3, '\u{1f}');
        let (order, id, key) = (parts.next()?, parts.next()?, parts.next()?);
        let key = match key.split_at_checked(1)? {
            ("-", "") => SortKey::None,
            ("n", number) => SortKey::Number(number.parse().ok()?),
            ("t", text) => SortKey::Text(text.to_owned()),
            _ => return None,
        };
        Some(Self { order: order.to_owned(), key, id: Uuid::try_parse(id).ok()? })
    }
}

/// Written as text only for callers who select it.
impl CursorType for Cursor {
    type Error = &'static str;

    fn decode_cursor(text: &str) -> Result<Self, &'static str> {
        Self::decode(text).ok_or("no cursor")
    }

    fn encode_cursor(&self) -> String {
        self.encode()
    }
}

/// A page that cannot be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// How many objects at most.
    pub limit: u64,
    /// Whether the page is the end of what lies before its cursor, rather than the beginning of what lies after.
    pub backward: bool,
    /// Begin after this place (before it, when backward).
    pub after: Option<Cursor>,
    /// End before this place (after it, when backward).
    pub until: Option<Cursor>,
    /// The order's name.
    pub order: String,
    /// Whether the order runs from large to small.
    pub descending: bool,
    /// Whether the caller asked for the total.
    pub counted: bool,
}

/// The arguments of a connection, as callers write them.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    /// How many, from the beginning.
    pub first: Option<i32>,
    /// Only what lies after this cursor.
    pub after: Option<String>,
    /// How many, from the end.
    pub last: Option<i32>,
    /// Only what lies before this cursor.
    pub before: Option<String>,
}

impl PageArgs {
    /// Checks the arguments. `order` names the order, so that a cursor of another order is refused.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` or `MALFORMED`, naming the argument.
    pub fn parse(self, gql: &Context<'_>, order: &str, descending: bool) -> AppResult<Page> {
        let counted = gql.look_ahead().field("totalCount").exists();
        self.parse_uncounted(order, descending).map(|page| Page { counted, ..page })
    }

    /// As [`PageArgs::parse`], without a request to look at.
    ///
    /// # Errors
    /// As [`PageArgs::parse`].
    pub fn parse_uncounted(self, order: &str, descending: bool) -> AppResult<Page> {
        let size = |size: i32, field| {
            u64::try_from(size).ok().filter(|size| (1..=MOST).contains(size)).ok_or_else(|| {
                AppError::invalid(field, Code::OutOfRange, format!("A page has from 1 to {MOST} objects, not {size}."))
            })
        };
        let (limit, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(AppError::invalid("last", Code::Malformed, "Ask for `first` or for `last`, not for both."));
            }
            (None, Some(last)) => (size(last, "last")?, true),
            (Some(first), None) => (size(first, "first")?, false),
            (None, None) => (DEFAULT, false),
        };
        let place = |cursor: Option<String>, field| match cursor {
            None => Ok(None),
            Some(text) => Cursor::decode(&text).filter(|cursor| cursor.order == order).map(Some).ok_or_else(|| {
                AppError::invalid(
                    field,
                    Code::Malformed,
                    "This is no cursor of this list in this order. Begin without one.",
                )
            }),
        };
        let (after, before) = (place(self.after, "after")?, place(self.before, "before")?);
        let (after, until) = if backward { (before, after) } else { (after, before) };
        Ok(Page { limit, backward, after, until, order: order.to_owned(), descending, counted: false })
    }
}

impl Page {
    /// Whether rows are read from small to large for this page.
    #[must_use]
    pub const fn ascending(&self) -> bool {
        self.descending == self.backward
    }

    /// Limits and orders a select to this page by row comparison, so that an index on (key, id) leads straight to
    /// its place (hazards, row 17), and asks for one row more than the page has.
    #[must_use]
    pub fn select<E, C>(&self, select: Select<E>, key: Option<C>, id: C) -> Select<E>
    where
        E: EntityTrait,
        C: IntoColumnRef + Copy,
    {
        let order = if self.ascending() { Order::Asc } else { Order::Desc };
        let mut select = select;
        if let Some(place) = &self.after {
            select = select.filter(beyond(place, key, id, self.ascending()));
        }
        if let Some(place) = &self.until {
            select = select.filter(beyond(place, key, id, !self.ascending()));
        }
        if let Some(key) = key {
            select = select.order_by(Expr::col(key), order.clone());
        }
        select.order_by(Expr::col(id), order).limit(self.limit.saturating_add(1))
    }

    /// Makes a page of the rows that [`Page::select`] found.
    pub fn finish<T>(&self, mut rows: Vec<T>, total: Option<u64>) -> Rows<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        if self.backward {
            rows.reverse();
        }
        let came_from = self.after.is_some();
        let (has_previous, has_next) = if self.backward { (more, came_from) } else { (came_from, more) };
        Rows { rows, has_previous, has_next, total }
    }
}

fn beyond<C: IntoColumnRef + Copy>(place: &Cursor, key: Option<C>, id: C, larger: bool) -> SimpleExpr {
    let key_value: Option<SimpleExpr> = match &place.key {
        SortKey::None => None,
        SortKey::Number(number) => Some((*number).into()),
        SortKey::Text(text) => Some(text.clone().into()),
    };
    let (columns, values) = match (key, key_value) {
        (Some(key), Some(value)) => {
            (Expr::tuple([Expr::col(key), Expr::col(id)]), Expr::tuple([value, SimpleExpr::from(place.id)]))
        }
        _ => (Expr::col(id), SimpleExpr::from(place.id)),
    };
    if larger { columns.gt(values) } else { columns.lt(values) }
}

/// The rows of a page.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// In the order of the list.
    pub rows: Vec<T>,
    /// Whether there are rows before them.
    pub has_previous: bool,
    /// Whether there are rows after them.
    pub has_next: bool,
    /// How many there are in all, when asked for.
    pub total: Option<u64>,
}

/// What a connection has beside its edges.
#[derive(SimpleObject)]
pub struct Total {
    /// How many objects the whole list has. Counted only when you ask for it; counting costs more than the page.
    pub total_count: Option<i32>,
}

/// A Relay connection of a type.
pub type Listed<T> = Connection<Cursor, T, Total, EmptyFields>;

impl<T> Rows<T> {
    /// The connection, with each row's place in the order of the page.
    pub fn connection<N: OutputType>(
        self,
        page: &Page,
        place: impl Fn(&T) -> (SortKey, Uuid),
        node: impl Fn(T) -> N,
    ) -> Listed<N> {
        let total = Total { total_count: self.total.map(|total| i32::try_from(total).unwrap_or(i32::MAX)) };
        let mut connection = Connection::with_additional_fields(self.has_previous, self.has_next, total);
        connection.edges.extend(self.rows.into_iter().map(|row| {
            let (key, id) = place(&row);
            Edge::new(Cursor { order: page.order.clone(), key, id }, node(row))
        }));
        connection
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_journey_and_belongs_to_one_order() {
        for key in [SortKey::None, SortKey::Number(-5), SortKey::Text("a\u{1f}b ü".to_owned())] {
            let cursor = Cursor { order: "name".to_owned(), key, id: Uuid::from_u128(9) };
            assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor.clone()));
            let args = PageArgs { after: Some(cursor.encode()), ..PageArgs::default() };
            assert!(args.clone().parse_uncounted("name", false).is_ok());
            assert!(args.parse_uncounted("created", false).is_err());
        }
    }

    #[test]
    fn pages_outside_1_to_100_are_refused() {
        for size in [0, -1, 101, i32::MAX, i32::MIN, 1 << 30] {
            assert!(PageArgs { first: Some(size), ..PageArgs::default() }.parse_uncounted("id", false).is_err());
            assert!(PageArgs { last: Some(size), ..PageArgs::default() }.parse_uncounted("id", false).is_err());
        }
        let both = PageArgs { first: Some(1), last: Some(1), ..PageArgs::default() };
        assert!(both.parse_uncounted("id", false).is_err());
    }
}

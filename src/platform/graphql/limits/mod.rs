//! Limits on documents. They are checked before anything is executed and before the database is asked anything.
//!
//! [`scan`] looks at the text, because a deeply nested one overflows the parser's stack; [`measure`] looks at the
//! parsed document, because a short one can expand to millions of fields; [`merge`] and [`positions`] find what the engine's
//! validation does not; [`cost`] reckons how large the answer could be.

pub mod cost;
pub mod measure;
pub mod merge;
pub mod positions;
pub mod scan;
pub mod variables;

/// How much one document may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Words, numbers, texts and signs of the document.
    pub tokens: u32,
    /// Characters of one name or number.
    pub word: u32,
    /// Brackets inside brackets, fragments inside fragments.
    pub nesting: u32,
    /// Fields after fragments have been put in place, `__typename` included.
    pub fields: u32,
    /// Aliases after fragments have been put in place.
    pub aliases: u32,
    /// Fields inside fields.
    pub depth: u32,
    /// Fields inside fields below `__schema` and `__type`: the usual introspection query needs more than others.
    pub introspection_depth: u32,
    /// Lists of types inside lists of types below `__schema` and `__type`.
    pub introspection_lists: u32,
    /// How often `__schema` and `__type` are asked for.
    pub introspections: u32,
    /// Directives after fragments have been put in place.
    pub directives: u32,
    /// Operations of the document.
    pub operations: u32,
    /// Values in arguments, those of variables wherever they are used.
    pub inputs: u32,
    /// Mutations of one request.
    pub mutations: u32,
    /// Mutations that a request makes only once: each is an attempt at guessing a secret.
    pub guessing: &'static [&'static str],
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens: 5_000,
            word: 256,
            nesting: 50,
            fields: 500,
            aliases: 100,
            depth: 12,
            introspection_depth: 20,
            introspection_lists: 2,
            introspections: 5,
            directives: 20,
            operations: 5,
            inputs: 50_000,
            mutations: 5,
            guessing: &[],
        }
    }
}

impl Limits {
    /// Refuses arguments with too many values.
    ///
    /// # Errors
    /// `TooMuch`.
    pub fn inputs_fit(&self, inputs: u64) -> Result<(), Refusal> {
        let inputs = u32::try_from(inputs).unwrap_or(u32::MAX);
        at_most(inputs, self.inputs, "values in its arguments, those of variables wherever they are used")
    }
}

/// Why a document is not executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It asks for too much.
    TooMuch(String),
    /// It is no document that could be executed.
    Invalid(String),
    /// It asks about the schema, and the server does not tell.
    NoIntrospection,
}

impl Refusal {
    /// More of something than the limit.
    fn more_than(limit: u32, what: &str) -> Self {
        Self::TooMuch(format!("The document has more than {limit} {what}. Split it."))
    }
}

/// Refuses what is over a limit.
fn at_most(count: u32, limit: u32, what: &str) -> Result<(), Refusal> {
    if count > limit { Err(Refusal::more_than(limit, what)) } else { Ok(()) }
}

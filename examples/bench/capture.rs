//! The SQL of a request, captured from the database's log and turned into a script for pgbench.
//!
//! Nothing is written by hand: each logged `execute` becomes the same statement with its logged parameters as
//! literals, so pgbench prepares it once a connection and gets the best plan there is.
//!
//! A request that writes is captured with a trigger that refuses its commit, so that nothing of it is there yet, and
//! is ended with `rollback` by pgbench, so that it can be repeated. Each client then runs its own variant (another
//! partner): our callers do not wait for each other's locks either. What the server reads after its commit is missing.

use std::{collections::HashMap, fmt, path::PathBuf};

use crate::{Succeed, http, postgres::Postgres, requests::Request, server::cpu_of};

const REFUSE: &str = "create function refuse_the_benchmark() returns trigger language plpgsql as
    $$ begin raise exception 'the benchmark takes it back'; end $$;
    create constraint trigger refuse_the_benchmark after insert on deal_registrations
    deferrable initially deferred for each row execute function refuse_the_benchmark()";

type Logged = Vec<(String, Option<String>)>;

pub struct Script {
    /// One a variant; they differ in their parameters only.
    variants: Vec<Vec<String>>,
    writes: bool,
}

/// What pgbench came to with the same SQL.
pub struct Plain {
    pub transactions: f64,
    pub elapsed: f64,
    pub client_cpu: f64,
    pub database_cpu: f64,
}

impl Script {
    pub fn of(database: &Postgres, address: &str, request: &Request, clients: usize) -> Self {
        let mut connection = http::Connection::open(address).unwrap();
        let most = if request.is_fresh { clients } else { 32 };
        // What is remembered for a few seconds (sessions) is remembered while we look.
        let chosen: Vec<_> = request.variants.iter().take(most).collect();
        database.log_statements(true);
        for body in &chosen {
            http::send(&mut connection, request, body);
        }
        let marks: Vec<_> =
            (0..=chosen.len()).map(|number| format!("mark {number} of {}", http::fresh_word())).collect();
        database.ask(&format!("select '{}'", marks[0]));
        if request.is_fresh {
            database.ask(REFUSE);
        }
        for (body, mark) in chosen.iter().zip(&marks[1..]) {
            if request.is_fresh {
                connection
                    .post(body.token.as_deref(), &body.text.replace("FRESH", &http::fresh_word()))
                    .expect("an answer");
            } else {
                http::send(&mut connection, request, body);
            }
            database.ask(&format!("select '{mark}'"));
        }
        database.log_statements(false);
        if request.is_fresh {
            database
                .ask("drop trigger refuse_the_benchmark on deal_registrations; drop function refuse_the_benchmark()");
        }
        let logged = marks.windows(2).map(|pair| database.logged_between(&pair[0], &pair[1])).collect();
        Self::from_log(logged)
    }

    fn from_log(logged: Vec<Logged>) -> Self {
        // A statement that is not the request's own (a session looked up again) makes a variant differ: leave it out.
        // Fields are resolved side by side, so the order of reads is not always the same.
        let shape = |variant: &Logged| {
            let mut shape: Vec<_> = variant.iter().map(|(sql, _)| without_name(sql).to_owned()).collect();
            shape.sort_unstable();
            shape
        };
        let mut shapes: HashMap<Vec<String>, usize> = HashMap::new();
        for variant in &logged {
            *shapes.entry(shape(variant)).or_default() += 1;
        }
        let usual = shapes.into_iter().max_by_key(|(_, count)| *count).expect("a variant").0;
        let writes = usual.iter().any(|sql| sql.eq_ignore_ascii_case("begin"));
        let variants = logged.iter().filter(|variant| shape(variant) == usual).map(|variant| {
            let statements =
                variant.iter().map(|(message, detail)| with_literals(without_name(message), detail.as_deref()));
            if !writes {
                return statements.collect();
            }
            let within =
                statements.filter(|sql| !["begin", "commit", "rollback"].contains(&sql.to_lowercase().as_str()));
            ["begin".to_owned()].into_iter().chain(within).chain(["rollback".to_owned()]).collect()
        });
        Self { variants: variants.collect(), writes }
    }

    /// Statements a request, without those that begin and end a transaction.
    pub fn statements(&self) -> usize {
        self.variants[0].len() - if self.writes { 2 } else { 0 }
    }

    fn files(&self, folder: &std::path::Path, clients: usize) -> Vec<PathBuf> {
        let text = |variant: &Vec<String>| variant.iter().map(|sql| format!("{sql};\n")).collect::<String>();
        let texts: Vec<String> = if self.writes {
            let all = (0..clients).map(|client| {
                let own = text(&self.variants[client % self.variants.len()]);
                format!("\\if :client_id = {client}\n{own}\\endif\n")
            });
            vec![all.collect()]
        } else {
            self.variants.iter().map(text).collect()
        };
        let write = |(number, text): (usize, &String)| {
            let file = folder.join(format!("{number}.sql"));
            std::fs::write(&file, text).unwrap();
            file
        };
        texts.iter().enumerate().map(write).collect()
    }

    /// Runs it with pgbench: so many clients for so long.
    pub fn run(&self, database: &Postgres, clients: usize, seconds: u64) -> Plain {
        let folder = tempfile::tempdir().unwrap();
        let clients_text = clients.to_string();
        let mut command = database.command("pgbench");
        command.args(["-n", "-M", "prepared", "-j", "2", "-c", &clients_text, "-T", &seconds.to_string()]);
        for file in self.files(folder.path(), clients) {
            command.arg("-f").arg(file);
        }
        let own = || cpu_of(std::process::id()).map_or(0.0, |[_, _, user, system]| user + system);
        let (client_before, database_before) = (own(), database.cpu());
        let report = command.arg(&database.address).succeed();
        let client_cpu = own() - client_before;
        // The server's processes have to be gone before their CPU is counted with its own.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let database_cpu = database.cpu() - database_before;
        let number = |begin: &str| {
            let line = report.lines().find_map(|line| line.strip_prefix(begin)).expect("a figure of pgbench");
            line.trim().split([' ', '/']).next().unwrap().parse::<f64>().unwrap()
        };
        let failed = number("number of failed transactions:");
        assert!(failed == 0.0, "pgbench failed:\n{report}");
        let transactions = number("number of transactions actually processed:");
        Plain { transactions, elapsed: transactions / number("tps ="), client_cpu, database_cpu }
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} variants of {} statements:", self.variants.len(), self.statements())?;
        self.variants[0].iter().try_for_each(|sql| writeln!(f, "{sql};"))
    }
}

/// `execute sqlx_s_1: SELECT …` and `statement: BEGIN` without what the log put before them.
fn without_name(message: &str) -> &str {
    let rest = message.strip_prefix("execute ").or_else(|| message.strip_prefix("statement"));
    rest.and_then(|rest| rest.split_once(": ")).map_or(message, |(_, sql)| sql).trim().trim_end_matches(';')
}

/// A statement with its logged parameters in the place of `$1`, `$2` and so on.
fn with_literals(sql: &str, detail: Option<&str>) -> String {
    let parameters = detail.map(parameters_of).unwrap_or_default();
    let mut text = String::new();
    let mut rest = sql;
    while let Some(place) = rest.find(['$', '\'']) {
        let (before, at) = rest.split_at(place);
        text.push_str(before);
        if let Some(inside) = at.strip_prefix('\'') {
            let end = inside.find('\'').map_or(at.len(), |end| end + 2);
            text.push_str(&at[..end]);
            rest = &at[end..];
            continue;
        }
        let digits = at[1..].bytes().take_while(u8::is_ascii_digit).count();
        let number: usize = at[1..=digits].parse().expect("a numbered parameter");
        text.push_str(&parameters[number - 1]);
        rest = &at[1 + digits..];
    }
    text + rest
}

/// `Parameters: $1 = 'it''s', $2 = NULL` as literals that pgbench leaves alone: it would take `:name` for a variable.
fn parameters_of(detail: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = detail;
    while let Some(place) = rest.find(" = ") {
        rest = &rest[place + 3..];
        if let Some(after) = rest.strip_prefix("NULL") {
            literals.push("null".to_owned());
            rest = after;
            continue;
        }
        let mut value = String::new();
        let mut characters = rest.char_indices().skip(1).peekable();
        let end = loop {
            let (at, character) = characters.next().expect("a quoted value that ends");
            let is_quote = character == '\'';
            if is_quote && characters.next_if(|(_, next)| *next == '\'').is_none() {
                break at + 1;
            }
            match character {
                '\\' => value.push_str("\\\\"),
                '\'' => value.push_str("''"),
                ':' => value.push_str("\\x3a"),
                '\n' => value.push_str("\\n"),
                other => value.push(other),
            }
        };
        let needs_escapes = value.contains('\\');
        literals.push(format!("{}'{value}'", if needs_escapes { "E" } else { "" }));
        rest = &rest[end..];
    }
    literals
}

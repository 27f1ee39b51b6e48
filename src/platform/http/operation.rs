//! One operation, the same over HTTP and WebSocket: first everything that can be told from the request alone, then who
//! calls, then the execution.

use std::sync::Arc;

use async_graphql::{Request, Response, Variables, parser::types::OperationType};

use super::{
    answer::{self, Refused},
    browser::Browser,
    budget::{self, Cost},
    negotiation::Form,
    persisted::Text,
    request::Asked,
    server::App,
};
use crate::platform::{
    auth::Caller,
    call::Call,
    error::{AppError, AppResult},
    graphql::{
        document_cache::Prepared,
        limits::{
            Refusal,
            cost::reckon,
            measure::Measured,
            variables::{check, leave_nothing_to_validate},
        },
        loaders::Loaders,
        mutation::HeaderKey,
        upload::Uploads,
        waiting::Waiting,
    },
    origin::Origin,
};

/// An operation that was found fit to be executed.
#[derive(Clone)]
pub struct Operation {
    text: Text,
    prepared: Arc<Prepared>,
    known: bool,
    validated: bool,
    asked_name: Option<String>,
    variables: Variables,
    /// Its name in the document.
    pub name: Option<String>,
    /// What is known of it.
    pub measured: Measured,
    /// What it costs.
    pub cost: u64,
}

/// What comes with a request beside the operation itself.
#[derive(Default)]
pub struct Beside {
    /// The idempotency key in the header.
    pub key: Option<String>,
    /// The browser that asks.
    pub browser: Option<Arc<Browser>>,
    /// What a subscription waits for.
    pub waiting: Option<Waiting>,
    /// The files of the request.
    pub uploads: Uploads,
}

/// Says that a document is not executed, in the form that the caller reads.
fn unfit(form: Form) -> impl Fn(Refusal) -> Refused {
    move |refusal| Refused::document(refusal, form)
}

impl Operation {
    /// Checks what can be told from the request alone. Asks neither who calls nor the database.
    ///
    /// # Errors
    /// Why it is not executed.
    pub fn check(app: &App, mut asked: Asked, form: Form) -> Result<Self, Refused> {
        let text = app.persisted.text_of(&mut asked, &app.settings.listed, form)?;
        let kept = app.documents.get(&text.text);
        let known = kept.is_some();
        let prepared = match kept {
            Some(prepared) => prepared,
            None => {
                let settings = &app.settings;
                let made = Prepared::from_text(&text.text, &settings.limits, settings.introspection, &app.shape);
                Arc::new(made.map_err(unfit(form))?)
            }
        };
        let selected = prepared.select(asked.operation_name.as_deref()).map_err(unfit(form))?;
        let variables = asked.variables.map(|given| given.0).unwrap_or_default();
        check(selected.definition, &variables).map_err(unfit(form))?;
        let validated = known && leave_nothing_to_validate(selected.definition, &variables);
        let reckoned = reckon(&prepared.document, selected.definition, &variables, &app.shape);
        app.settings.limits.inputs_fit(reckoned.inputs).map_err(unfit(form))?;
        let cost = reckoned.cost;
        affordable(cost, app.settings.allowances.largest_operation()).map_err(unfit(form))?;
        let (name, measured) = (selected.name.map(ToString::to_string), selected.measured);
        Ok(Self { text, prepared, known, validated, asked_name: asked.operation_name, variables, name, measured, cost })
    }

    /// Executes it for a caller, with what came beside it.
    ///
    /// # Errors
    /// When it costs more than the caller may ask for, or takes too long.
    pub async fn run(
        self,
        app: &App,
        caller: Caller,
        origin: Origin,
        beside: Beside,
        form: Form,
    ) -> Result<(Response, Cost), Refused> {
        let allowance = app.settings.allowances.of(&caller);
        affordable(self.cost, allowance.operation).map_err(unfit(form))?;
        let bucket = budget::key_of(&caller, &origin);
        let now = app.services.clock.now();
        let remaining = app.budgets.take(&bucket, self.cost, allowance.minute, now).map_err(used_up)?;
        let cost = Cost { requested: self.cost, limit: allowance.operation, remaining, per_minute: allowance.minute };
        let stranger = caller == Caller::Anonymous;
        let call = Call::new(Arc::clone(&app.services), caller, origin);
        let mut request = Request::new(String::new()).variables(self.variables);
        request.operation_name = self.asked_name;
        request.set_parsed_query(self.prepared.document.clone());
        let mut request = request.data(call).data(Loaders::default()).data(HeaderKey(beside.key)).data(beside.uploads);
        if let Some(browser) = beside.browser {
            request = request.data(browser);
        }
        if let Some(waiting) = beside.waiting {
            request = request.data(waiting);
        }
        let response = execute(app, request, self.measured.kind, self.validated).await?;
        // What began to be executed has passed every check.
        if answer::began(&response) {
            if let Some(hash) = self.text.learn {
                app.persisted.keep(hash, Arc::clone(&self.text.text), stranger);
            }
            if !self.known {
                app.documents.keep(&self.text.text, self.prepared, stranger);
            }
        }
        Ok((response, cost))
    }
}

fn affordable(cost: u64, most: u64) -> Result<(), Refusal> {
    if cost <= most {
        return Ok(());
    }
    Err(Refusal::TooMuch(format!(
        "The answer could have {cost} values, and one operation may ask for {most}. Ask for smaller pages with \
         `first`, for fewer lists inside each other, or in several requests."
    )))
}

fn used_up(seconds: u64) -> Refused {
    let message = format!(
        "You have asked for as much as a minute allows. Wait {seconds} seconds; `extensions.cost` tells how much is left."
    );
    Refused { message, ..AppError::RateLimited { retry_after: seconds }.into() }
}

async fn execute(app: &App, request: Request, kind: OperationType, validated: bool) -> AppResult<Response> {
    let executing = async {
        match kind {
            OperationType::Query | OperationType::Mutation => Some(app.executor.execute(request, validated).await),
            OperationType::Subscription => app.executor.first(request, validated).await,
        }
    };
    match tokio::time::timeout(app.settings.request_time, executing).await {
        Ok(Some(response)) => Ok(response),
        Ok(None) => Err(AppError::internal("a subscription without an answer")),
        Err(_) => Err(AppError::took_too_long()),
    }
}

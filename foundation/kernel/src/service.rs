//! The shape that all services share: a table of operations behind one object.
//!
//! The edge authorizes each operation by its row before the handler runs; in process, [`Endpoints::call`] does the same for other rooms.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use wire::{Shape, Value};

use crate::ctx::{Call, Ctx, Host, Scope};
use crate::error::{Failure, Fault, Internal};
use crate::limits::CONFLICT_RETRIES_MAX;

type Handler<S> =
    Box<dyn for<'a> Fn(&'a Ctx<S>, Value) -> BoxFuture<'a, Result<Value, Failure>> + Send + Sync>;

/// Gives the ARNs that an operation acts on, out of its decoded input; `*` for none in particular.
pub type ResourceOf = fn(&Scope, &Value) -> Vec<String>;

/// One row of a service's table.
pub struct Operation<S> {
    /// Name, as in the model.
    pub name: &'static str,
    /// IAM action, such as `lambda:CreateFunction`; `None`: the service's prefix and the operation's name.
    pub action: Option<&'static str>,
    /// What it acts on.
    pub resource: ResourceOf,
    /// False for the few that need no permission, such as `sts:GetCallerIdentity`.
    pub needs_permission: bool,
    handler: Handler<S>,
}

/// An async function of a context and a request: what a row of the table holds.
pub trait Handle<'a, S: 'a, Req>: Fn(&'a Ctx<S>, Req) -> <Self as Handle<'a, S, Req>>::Future {
    /// Its future.
    type Future: Future<Output = Result<Self::Response, Self::Error>> + Send + 'a;
    /// What it answers.
    type Response: Shape;
    /// The service's error.
    type Error: Into<Failure>;
}

impl<'a, S: 'a, Req, F, Fut, Res, E> Handle<'a, S, Req> for F
where
    F: Fn(&'a Ctx<S>, Req) -> Fut,
    Fut: Future<Output = Result<Res, E>> + Send + 'a,
    Res: Shape,
    E: Into<Failure>,
{
    type Future = Fut;
    type Response = Res;
    type Error = E;
}

/// A row: the operation `name`, done by `handler`.
pub fn op<S, Req, F>(name: &'static str, handler: F) -> Operation<S>
where
    S: Send + Sync + 'static,
    Req: Shape + Send + 'static,
    F: for<'a> Handle<'a, S, Req> + Copy + Send + Sync + 'static,
{
    let handler: Handler<S> = Box::new(move |cx, input| {
        Box::pin(async move {
            let req = Req::from_value(input)?;
            handler(cx, req).await.map(Shape::into_value).map_err(Into::into)
        })
    });
    Operation { name, action: None, resource: |_, _| vec!["*".to_owned()], needs_permission: true, handler }
}

impl<S> Operation<S> {
    /// Says what it acts on.
    pub fn on(mut self, resource: ResourceOf) -> Self {
        self.resource = resource;
        self
    }

    /// Says which IAM action it is, where that is not the operation's name.
    pub fn action(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }

    /// Says that nobody needs a permission for it.
    pub fn for_everyone(mut self) -> Self {
        self.needs_permission = false;
        self
    }
}

/// A service: its table and its state.
pub struct Service<S> {
    /// Endpoint id, which is its folder's name and its model's.
    pub id: &'static str,
    /// True if it has no regions, as IAM.
    pub is_global: bool,
    /// Prefix of its IAM actions.
    pub action_prefix: &'static str,
    state: Arc<S>,
    operations: HashMap<&'static str, Operation<S>>,
}

impl<S: Send + Sync + 'static> Service<S> {
    /// A regional service whose IAM prefix is its id.
    pub fn new(id: &'static str, state: Arc<S>, table: Vec<Operation<S>>) -> Service<S> {
        let operations = table.into_iter().map(|row| (row.name, row)).collect();
        Service { id, is_global: false, action_prefix: id, state, operations }
    }

    /// A service without regions.
    pub fn global(id: &'static str, state: Arc<S>, table: Vec<Operation<S>>) -> Service<S> {
        Service { is_global: true, ..Service::new(id, state, table) }
    }
}

/// What an operation needs of IAM.
#[derive(Clone, Debug, PartialEq)]
pub struct Needs {
    /// Such as `lambda:InvokeFunction`.
    pub action: String,
    /// ARNs; `*` for none in particular.
    pub resources: Vec<String>,
}

/// A service, whatever its state is.
pub trait Endpoint: Send + Sync + 'static {
    /// Endpoint id.
    fn id(&self) -> &'static str;
    /// True if it has no regions.
    fn is_global(&self) -> bool;
    /// Names of the operations that exist, sorted.
    fn operations(&self) -> Vec<&'static str>;
    /// What `operation` needs; `None` if nothing. Unknown operations need nothing, because they do nothing.
    fn needs(&self, operation: &str, scope: &Scope, input: &Value) -> Option<Needs>;
    /// Runs an operation that was authorized; `None` if it is not implemented.
    fn run<'a>(
        &'a self,
        host: &'a Arc<Host>,
        call: Call,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Option<Result<Value, Failure>>>;
}

impl<S: Send + Sync + 'static> Endpoint for Service<S> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn is_global(&self) -> bool {
        self.is_global
    }

    fn operations(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.operations.keys().copied().collect();
        names.sort_unstable();
        names
    }

    fn needs(&self, operation: &str, scope: &Scope, input: &Value) -> Option<Needs> {
        let row = self.operations.get(operation).filter(|row| row.needs_permission)?;
        let action = row.action.map_or_else(|| format!("{}:{}", self.action_prefix, row.name), str::to_owned);
        Some(Needs { action, resources: (row.resource)(scope, input) })
    }

    fn run<'a>(
        &'a self,
        host: &'a Arc<Host>,
        call: Call,
        operation: &'a str,
        input: Value,
    ) -> BoxFuture<'a, Option<Result<Value, Failure>>> {
        Box::pin(async move {
            let row = self.operations.get(operation)?;
            let cx =
                Ctx { service: Arc::clone(&self.state), host: Arc::clone(host), call, service_id: self.id };
            for _ in 0..CONFLICT_RETRIES_MAX {
                match (row.handler)(&cx, input.clone()).await {
                    Err(Failure::Fault(Fault::Conflict)) => tokio::task::yield_now().await,
                    other => return Some(other),
                }
            }
            let text = format!("{} {operation} met {CONFLICT_RETRIES_MAX} conflicts in a row", self.id);
            Some(Err(Internal::because(text).into()))
        })
    }
}

/// All services, by endpoint id.
#[derive(Clone, Default)]
pub struct Endpoints(Arc<HashMap<&'static str, Arc<dyn Endpoint>>>);

impl Endpoints {
    /// Puts services together.
    pub fn new(services: Vec<Arc<dyn Endpoint>>) -> Endpoints {
        Endpoints(Arc::new(services.into_iter().map(|service| (service.id(), service)).collect()))
    }

    /// The service with this endpoint id.
    pub fn get(&self, id: &str) -> Option<&Arc<dyn Endpoint>> {
        self.0.get(id)
    }

    /// All services, sorted by id.
    pub fn all(&self) -> Vec<&Arc<dyn Endpoint>> {
        let mut all: Vec<_> = self.0.values().collect();
        all.sort_by_key(|service| service.id());
        all
    }
}

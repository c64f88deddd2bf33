//! A house with a gateway, functions and identities that a test plays, and one API.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use blobs::MemoryBlobs;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};
use kernel::clock::SystemEntropy;
use kernel::ctx::Rooms;
use kernel::exchange::{ApiAddress, HeaderNames, Inbound, OutBody};
use kernel::functions::{Answer, FunctionCall, Functions};
use kernel::identity::{
    AssumeRole, Credential, Identities, Principal, PrincipalPolicies, SessionCredentials,
};
use kernel::log_sink::{LogEvent, LogSink};
use kernel::nobody::Nobody;
use kernel::service::Endpoints;
use kernel::{Clock, Exception, Failure, Host, Scope, Tx};
use plan::definition::{
    ApiDefinition, AuthorizerDefinition, IntegrationDefinition, MethodDefinition, PUBLISHED_SERVICE,
    PublishedDeployment, PublishedStage, ResourceDefinition, published_scope,
};
use serde_json::{Value, json};
use store_memory::MemoryStore;

use crate::{Gateway, Settings};

pub(crate) const API: &str = "api0000001";
pub(crate) const ACCOUNT: &str = "111122223333";
/// 2024-01-01T00:00:00Z.
pub(crate) const NOW_S: i64 = 1_704_067_200;

/// What a function does with an event.
pub(crate) type Play = Arc<dyn Fn(&Value) -> Result<Answer, Failure> + Send + Sync>;

pub(crate) struct House {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) clock: Arc<Moving>,
    pub(crate) functions: Arc<Played>,
    pub(crate) identities: Arc<People>,
    pub(crate) logs: Arc<Lines>,
    pub(crate) peer: Mutex<IpAddr>,
    store: MemoryStore,
}

/// An answer with its JSON.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) error_type: String,
    pub(crate) json: Value,
}

impl House {
    pub(crate) fn new(settings: Settings) -> House {
        let (clock, store) = (Arc::new(Moving::default()), MemoryStore::new());
        let time = (Arc::clone(&clock) as _, Arc::new(SystemEntropy) as _);
        let stores = (
            Arc::new(store.clone()) as _,
            Arc::new(MemoryStore::new()) as _,
            Arc::new(MemoryBlobs::new()) as _,
        );
        let host = Arc::new(Host::new(time, stores, ACCOUNT));
        let gateway = Arc::new(Gateway::with(&host, settings));
        let functions = Arc::new(Played::default());
        let (identities, logs) = (Arc::new(People::default()), Arc::new(Lines::default()));
        host.furnish(Rooms {
            endpoints: Endpoints::new(Vec::new()),
            functions: Arc::clone(&functions) as _,
            compute: Arc::new(Nobody),
            logs: Arc::clone(&logs) as _,
            metrics: Arc::new(kernel::metrics::Unmeasured),
            identities: Arc::clone(&identities) as _,
            data_plane: Arc::clone(&gateway) as _,
        });
        functions.set("backend", |event| {
            let answer = json!({"statusCode": 200, "body": event.to_string()});
            Ok(Answer { payload: answer.to_string().into(), ..Answer::default() })
        });
        let peer = Mutex::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)));
        House { gateway, clock, functions, identities, logs, peer, store }
    }

    /// Publishes the API as a stage; the same name again replaces it.
    pub(crate) async fn publish(&self, api: ApiDefinition, stage: PublishedStage) {
        let mut tx = Tx::new(Arc::new(self.store.clone()), published_scope().space(PUBLISHED_SERVICE));
        let id = self.gateway.host.entropy.text(6, b"abcdefghij");
        tx.put(&PublishedDeployment { id: id.clone(), api }).unwrap();
        tx.put(&PublishedStage { deployment_id: id, ..stage }).unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) fn inbound(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Inbound {
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let mut map = HeaderMap::new();
        let mut head = b"GET / HTTP/1.1\r\n".to_vec();
        let host = format!("{API}.execute-api.us-east-1.amazonaws.com");
        let own = [("Host", host.as_str())];
        let is_given = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host"));
        for (name, value) in headers.iter().chain(own.iter().filter(|_| !is_given)) {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
            head.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        Inbound {
            method: Method::from_bytes(method.as_bytes()).unwrap(),
            is_tls: true,
            host: map.get("host").unwrap().to_str().unwrap().to_owned(),
            path: path.to_owned(),
            query,
            version: Version::HTTP_11,
            headers: map,
            names: HeaderNames::of_head(head.into()),
            body: Bytes::new(),
            peer: *self.peer.lock().unwrap(),
            request_id: "request-id".to_owned(),
            received_ms: NOW_S * 1000,
        }
    }

    pub(crate) async fn send(&self, inbound: Inbound) -> Answered {
        use kernel::exchange::DataPlane;
        let address = ApiAddress { api_id: API.to_owned(), stage: None, path: inbound.path.clone() };
        let (parts, body) = self.gateway.execute(address, inbound).await.into_parts();
        let OutBody::Full(body) = body else { panic!("a streamed answer") };
        let error_type =
            parts.headers.get("x-amzn-errortype").map(|value| value.to_str().unwrap().to_owned());
        Answered {
            status: parts.status.as_u16(),
            error_type: error_type.unwrap_or_default(),
            json: serde_json::from_slice(&body).unwrap_or_default(),
        }
    }

    pub(crate) async fn request(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> Answered {
        self.send(self.inbound(method, target, headers)).await
    }

    /// A request and the short form of its answer: `200`, or status, error type and message.
    pub(crate) async fn outcome(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> String {
        self.request(method, target, headers).await.short()
    }
}

impl Answered {
    pub(crate) fn short(&self) -> String {
        if self.status == 200 {
            return "200".to_owned();
        }
        format!("{} {} {}", self.status, self.error_type, self.json)
    }
}

/// An API whose resources all have `ANY` with this protection and the function `backend`.
pub(crate) fn api(protection: &MethodDefinition, authorizers: &[AuthorizerDefinition]) -> ApiDefinition {
    let integration = IntegrationDefinition {
        kind: "AWS_PROXY".to_owned(),
        http_method: Some("POST".to_owned()),
        uri: Some(uri("backend")),
        timeout_ms: 29_000,
        ..IntegrationDefinition::default()
    };
    let method = MethodDefinition { integration: Some(integration), ..protection.clone() };
    let resources = ["/", "/pets", "/pets/{id}"].iter().enumerate().map(|(at, path)| ResourceDefinition {
        id: format!("res{at:03}"),
        path: (*path).to_owned(),
        methods: [("ANY".to_owned(), method.clone())].into(),
        ..ResourceDefinition::default()
    });
    ApiDefinition {
        id: API.to_owned(),
        account: ACCOUNT.to_owned(),
        region: "us-east-1".to_owned(),
        resources: resources.collect(),
        authorizers: authorizers.iter().map(|one| (one.id.clone(), one.clone())).collect::<BTreeMap<_, _>>(),
        ..ApiDefinition::default()
    }
}

pub(crate) fn stage() -> PublishedStage {
    PublishedStage {
        api_id: API.to_owned(),
        stage_name: "prod".to_owned(),
        account: ACCOUNT.to_owned(),
        region: "us-east-1".to_owned(),
        variables: [("color".to_owned(), "blue".to_owned())].into(),
        ..PublishedStage::default()
    }
}

pub(crate) fn protected(kind: &str, authorizer: Option<&str>) -> MethodDefinition {
    MethodDefinition {
        authorization_type: kind.to_owned(),
        authorizer_id: authorizer.map(str::to_owned),
        ..MethodDefinition::default()
    }
}

pub(crate) fn uri(function: &str) -> String {
    format!(
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:{ACCOUNT}:function:{function}/invocations"
    )
}

/// A clock that is moved by hand.
#[derive(Default)]
pub(crate) struct Moving {
    ms: AtomicI64,
    pub(crate) ends_waits: AtomicBool,
}

impl Moving {
    pub(crate) fn advance(&self, seconds: i64) {
        self.ms.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Moving {
    fn now_ms(&self) -> i64 {
        NOW_S * 1000 + self.ms.load(Ordering::SeqCst)
    }
    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.ms.load(Ordering::SeqCst).unsigned_abs())
    }
    fn sleep_until(&self, _: Duration) -> BoxFuture<'static, ()> {
        let is_over = self.ends_waits.load(Ordering::SeqCst);
        if is_over { std::future::ready(()).boxed() } else { std::future::pending().boxed() }
    }
}

/// Functions by name, and who called them: `(function, caller, source)`.
#[derive(Default)]
pub(crate) struct Played {
    plays: Mutex<HashMap<String, Play>>,
    pub(crate) calls: Mutex<Vec<(String, String, String)>>,
    /// Functions that never answer.
    pub(crate) is_stuck: AtomicBool,
}

impl Played {
    pub(crate) fn set(
        &self,
        name: &str,
        play: impl Fn(&Value) -> Result<Answer, Failure> + Send + Sync + 'static,
    ) {
        self.plays.lock().unwrap().insert(name.to_owned(), Arc::new(play));
    }

    /// How often a function was called.
    pub(crate) fn count(&self, name: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(called, ..)| called == name).count()
    }
}

impl Functions for Played {
    fn call(&self, call: FunctionCall) -> BoxFuture<'_, Result<Answer, Failure>> {
        let name = call.function.rsplit(':').next().unwrap().to_owned();
        let source = call.source_arn.unwrap_or_default();
        self.calls.lock().unwrap().push((name.clone(), call.caller.arn, source));
        let play = self.plays.lock().unwrap().get(&name).cloned();
        if self.is_stuck.load(Ordering::SeqCst) {
            return std::future::pending().boxed();
        }
        let event: Value = serde_json::from_slice(&call.invocation.payload.event).unwrap();
        let missing =
            || Err(Exception::new("ResourceNotFoundException", 404, format!("no function {name}")).into());
        std::future::ready(play.map_or_else(missing, |play| play(&event))).boxed()
    }
}

pub(crate) fn answer(value: &Value) -> Answer {
    Answer { payload: value.to_string().into(), ..Answer::default() }
}

pub(crate) fn error(message: &str) -> Answer {
    let payload = json!({"errorMessage": message, "errorType": "Error"}).to_string().into();
    Answer { payload, is_error: true, ..Answer::default() }
}

/// Access keys with their credentials, and policies by principal.
#[derive(Default)]
pub(crate) struct People {
    pub(crate) credentials: Mutex<HashMap<String, Credential>>,
    pub(crate) policies: Mutex<HashMap<String, PrincipalPolicies>>,
    pub(crate) roles: Mutex<Vec<String>>,
}

impl Identities for People {
    fn find<'a>(&'a self, access_key: &'a str) -> BoxFuture<'a, Result<Option<Credential>, Failure>> {
        let found = self.credentials.lock().unwrap().get(access_key).cloned();
        std::future::ready(Ok(found)).boxed()
    }
    fn policies<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<PrincipalPolicies, Failure>> {
        let found = self.policies.lock().unwrap().get(&principal.arn).cloned();
        std::future::ready(Ok(found.unwrap_or_default())).boxed()
    }
    fn assume_role(&self, request: AssumeRole) -> BoxFuture<'_, Result<Option<SessionCredentials>, Failure>> {
        assert_eq!(request.by.arn, "apigateway.amazonaws.com");
        let is_known = self.roles.lock().unwrap().contains(&request.role_arn);
        let session = is_known.then(|| SessionCredentials {
            access_key: "ASIA".to_owned(),
            secret: "secret".to_owned(),
            token: "token".to_owned(),
            expires_ms: i64::MAX,
            user_id: "AROA:x".to_owned(),
            arn: format!("arn:aws:sts::{ACCOUNT}:assumed-role/known/x"),
        });
        std::future::ready(Ok(session)).boxed()
    }
    fn user_session<'a>(
        &'a self,
        _: &'a Principal,
        _: i64,
        _: Vec<String>,
    ) -> BoxFuture<'a, Result<SessionCredentials, Failure>> {
        unreachable!("the gateway makes no sessions of users")
    }
}

/// What was logged.
#[derive(Default)]
pub(crate) struct Lines(pub(crate) Mutex<Vec<String>>);

impl LogSink for Lines {
    fn append(&self, _: &Scope, _: &str, _: &str, events: Vec<LogEvent>) {
        self.0.lock().unwrap().extend(events.into_iter().map(|event| event.message));
    }
}

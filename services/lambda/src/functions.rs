//! What several operations do with a function's records.

use kernel::identity::{AssumeRole, Principal};
use kernel::{Ctx, Failure, Fault, Key, Tx};

use crate::Lambda;
use crate::configuration::{Code, Configuration, State, Update, UsedLayer};
use crate::error::{Error, invalid};
use crate::generated::LoggingConfig;
use crate::layers::{self, LayerVersion};
use crate::place::{LATEST, Place};
use crate::resolve::Qualifier;
use crate::settings;
use crate::tables::{Alias, Function, Published, alias_key, function_key, version_key};

/// Functions and versions read at once.
const BATCH: usize = 1000;

/// The function, which must be there.
pub(crate) async fn get(tx: &mut Tx, place: &Place) -> Result<Function, Error> {
    tx.get(&function_key(&place.name)).await?.ok_or_else(|| Error::FunctionNotFound(place.to_string()))
}

/// The function, and the version that a qualifier stands for, with its number.
pub(crate) async fn find(tx: &Tx, place: &Place) -> Result<(Function, Configuration, String), Error> {
    let missing = || Error::FunctionNotFound(place.to_string());
    let function: Function = tx.peek(&function_key(&place.name)).await?.ok_or_else(missing)?;
    let version = match Qualifier::of(place.qualifier.as_deref()) {
        Qualifier::Alias(name) => {
            tx.peek::<Alias>(&alias_key(&place.name, name)).await?.ok_or_else(missing)?.version
        }
        _ => place.qualifier.clone().unwrap_or_else(|| LATEST.to_owned()),
    };
    let configuration = match Qualifier::of(Some(&version)) {
        Qualifier::Number(number) => {
            tx.peek::<Published>(&version_key(&place.name, number)).await?.ok_or_else(missing)?.configuration
        }
        _ => function.latest.clone(),
    };
    Ok((function, configuration, version))
}

/// What has a policy and a revision of its own.
pub(crate) enum Part {
    /// The function, which is its unpublished version.
    Function(Box<Function>),
    /// A published version.
    Version(Box<Published>),
    /// An alias.
    Alias(Box<Alias>),
}

impl Part {
    /// What `place` names.
    pub async fn get(tx: &mut Tx, place: &Place) -> Result<Part, Error> {
        let Place { name, qualifier, .. } = place;
        let function: Option<Function> = tx.get(&function_key(name)).await?;
        let function = function.ok_or_else(|| Error::FunctionNotFound(place.arn()))?;
        match Qualifier::of(qualifier.as_deref()) {
            Qualifier::Latest => Ok(Part::Function(Box::new(function))),
            Qualifier::Number(number) => {
                let version = tx.get(&version_key(name, number)).await?;
                Ok(Part::Version(Box::new(
                    version.ok_or_else(|| Error::FunctionNotFound(place.to_string()))?,
                )))
            }
            // No alias has such a name, so AWS does not speak of one.
            Qualifier::Alias(alias) if alias.contains('$') => Err(Error::FunctionNotFound(place.to_string())),
            Qualifier::Alias(alias) => {
                let alias = tx.get(&alias_key(name, alias)).await?;
                Ok(Part::Alias(Box::new(alias.ok_or_else(|| Error::AliasNotFound(place.to_string()))?)))
            }
        }
    }

    pub fn revision_id(&self) -> &str {
        match self {
            Part::Function(function) => &function.latest.revision_id,
            Part::Version(version) => &version.configuration.revision_id,
            Part::Alias(alias) => &alias.revision_id,
        }
    }

    pub fn policy_mut(&mut self) -> &mut Vec<serde_json::Value> {
        match self {
            Part::Function(function) => &mut function.policy,
            Part::Version(version) => &mut version.policy,
            Part::Alias(alias) => &mut alias.policy,
        }
    }

    /// Gives it another revision.
    pub fn touch(&mut self, revision_id: String) {
        match self {
            Part::Function(function) => function.latest.revision_id = revision_id,
            Part::Version(version) => version.configuration.revision_id = revision_id,
            Part::Alias(alias) => alias.revision_id = revision_id,
        }
    }

    pub fn put(&self, tx: &mut Tx) -> Result<(), Fault> {
        match self {
            Part::Function(function) => tx.put(function.as_ref()),
            Part::Version(version) => tx.put(version.as_ref()),
            Part::Alias(alias) => tx.put(alias.as_ref()),
        }
    }
}

/// The revision that a request expects, if it expects one, must be the current one.
pub(crate) fn check_revision(expected: Option<&str>, current: &str) -> Result<(), Error> {
    match expected.is_none_or(|expected| expected.is_empty() || expected == current) {
        true => Ok(()),
        false => Err(Error::RevisionMismatch),
    }
}

/// No change may be under way.
pub(crate) fn check_settled(function: &Function, place: &Place) -> Result<(), Error> {
    match function.latest.is_preparing() {
        true => Err(Error::UpdateInProgress(place.arn())),
        false => Ok(()),
    }
}

/// Only functions have tags, not their versions and aliases.
pub(crate) fn check_taggable(place: &Place) -> Result<(), Error> {
    match place.qualifier {
        Some(_) => Err(invalid(
            "Tags on function aliases and versions are not supported. Please specify a function ARN.",
        )),
        None => Ok(()),
    }
}

/// Lambda must be able to take a role that IAM knows. One that IAM does not know is taken as it is.
pub(crate) async fn check_role(cx: &Ctx<Lambda>, role: &str) -> Result<(), Error> {
    let request = AssumeRole {
        role_arn: role.to_owned(),
        session: "awslambda".to_owned(),
        by: Principal::service("lambda.amazonaws.com"),
        duration_s: 900,
        session_policies: Vec::new(),
        external_id: None,
    };
    match cx.host.rooms().identities.assume_role(request).await {
        Ok(_) => Ok(()),
        Err(Failure::Fault(fault)) => Err(fault.into()),
        Err(Failure::Exception(_)) => {
            Err(invalid("The role defined for the function cannot be assumed by Lambda."))
        }
    }
}

/// The settings of a new function, checked by the model.
pub(crate) struct Creation {
    pub runtime: String,
    pub handler: String,
    pub role: String,
    pub description: String,
    pub timeout_s: i64,
    pub memory_mb: i64,
    pub ephemeral_mb: i64,
    pub environment: Option<std::collections::BTreeMap<String, String>>,
    pub architecture: String,
    pub logging: Option<LoggingConfig>,
    pub tracing: Option<String>,
    pub tags: std::collections::BTreeMap<String, String>,
    pub layers: Vec<String>,
}

impl Creation {
    /// The first configuration of the function `name`.
    pub fn configure(
        &self,
        cx: &Ctx<Lambda>,
        name: &str,
        code: Code,
        layers: Vec<UsedLayer>,
    ) -> Result<Configuration, Error> {
        settings::check_limits(self.timeout_s, self.memory_mb, self.ephemeral_mb)?;
        if let Some(environment) = &self.environment {
            settings::check_environment(environment)?;
        }
        let configuration = Configuration {
            runtime: self.runtime.clone(),
            role: self.role.clone(),
            handler: self.handler.clone(),
            description: self.description.clone(),
            timeout_s: self.timeout_s,
            memory_mb: self.memory_mb,
            ephemeral_mb: self.ephemeral_mb,
            environment: self.environment.clone(),
            architecture: self.architecture.clone(),
            logging: settings::logging(name, None, self.logging.clone())?,
            tracing: self.tracing.clone().unwrap_or_else(|| "PassThrough".to_owned()),
            code,
            layers,
            modified_ms: cx.now_ms(),
            revision_id: cx.uuid(),
            build: cx.uuid(),
            state: State::Pending,
            update: Update::InProgress,
        };
        layers::check_size(&configuration)?;
        Ok(configuration)
    }
}

/// Marks a configuration as changed.
pub(crate) fn begin_update(cx: &Ctx<Lambda>, latest: &mut Configuration) {
    latest.modified_ms = cx.now_ms();
    latest.revision_id = cx.uuid();
    latest.build = cx.uuid();
    latest.update = Update::InProgress;
}

/// Makes the next version of what the function is now. The caller puts the function.
pub(crate) fn publish(
    cx: &Ctx<Lambda>,
    tx: &mut Tx,
    function: &mut Function,
    description: Option<String>,
) -> Result<Published, Error> {
    let mut configuration = Configuration { revision_id: cx.uuid(), ..function.latest.clone() };
    if let Some(description) = description {
        configuration.description = description;
    }
    if configuration.is_preparing() {
        configuration.state = State::Pending;
    }
    let version = Published {
        function: function.name.clone(),
        number: function.next_version,
        configuration,
        policy: Vec::new(),
    };
    function.next_version += 1;
    tx.put(&version)?;
    Ok(version)
}

/// True if a published version has this code.
pub(crate) async fn is_code_published(tx: &Tx, function: &Function, code: &Code) -> Result<bool, Error> {
    is_code_published_beside(tx, function, code, 0).await
}

/// True if a published version other than `number` has this code.
pub(crate) async fn is_code_published_beside(
    tx: &Tx,
    function: &Function,
    code: &Code,
    number: u64,
) -> Result<bool, Error> {
    let mut after = None;
    loop {
        let batch: Vec<Published> = tx.list(&Key::new().text(&function.name), after.as_ref(), BATCH).await?;
        if batch.iter().any(|version| version.number != number && version.configuration.code == *code) {
            return Ok(true);
        }
        match batch.last() {
            Some(last) if batch.len() == BATCH => after = Some(version_key(&function.name, last.number)),
            _ => return Ok(false),
        }
    }
}

/// What an account has in a region.
#[derive(Default)]
pub(crate) struct Account {
    pub functions: i64,
    pub code_bytes: i64,
    pub reserved: i64,
}

/// Counts everything in the transaction's space.
pub(crate) async fn account(tx: &Tx) -> Result<Account, Error> {
    let mut account = Account::default();
    let mut after = None;
    loop {
        let batch: Vec<Function> = tx.list(&Key::new(), after.as_ref(), BATCH).await?;
        for function in &batch {
            account.functions += 1;
            account.code_bytes += i64::try_from(function.latest.code.bytes).unwrap_or(0);
            account.reserved += i64::from(function.reserved_concurrency.unwrap_or(0));
        }
        match batch.last() {
            Some(last) if batch.len() == BATCH => after = Some(function_key(&last.name)),
            _ => break,
        }
    }
    let mut after = None;
    loop {
        let batch: Vec<Published> = tx.list(&Key::new(), after.as_ref(), BATCH).await?;
        account.code_bytes += batch
            .iter()
            .map(|version| i64::try_from(version.configuration.code.bytes).unwrap_or(0))
            .sum::<i64>();
        match batch.last() {
            Some(last) if batch.len() == BATCH => after = Some(version_key(&last.function, last.number)),
            _ => break,
        }
    }
    let mut after = None;
    loop {
        let batch: Vec<LayerVersion> = tx.list(&Key::new(), after.as_ref(), BATCH).await?;
        account.code_bytes +=
            batch.iter().map(|version| i64::try_from(version.code.bytes).unwrap_or(0)).sum::<i64>();
        match batch.last() {
            Some(last) if batch.len() == BATCH => after = Some(layers::key(&last.layer, last.number)),
            _ => return Ok(account),
        }
    }
}

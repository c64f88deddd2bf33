//! What the edge, STS and the fleet ask of IAM: whose key it is, which policies bound a principal, and sessions.

use std::sync::{Arc, Weak};

use futures_util::future::BoxFuture;
use kernel::ctx::GLOBAL_REGION;
use kernel::identity::{
    AssumeRole, Credential, Identities, Principal, PrincipalKind, PrincipalPolicies, SessionCredentials,
};
use kernel::{Arn, Exception, Failure, Host, Internal, Key, Scope, Tx};
use policy::{Kind, MessageForm, Policies, Policy, Request, ResourceRule};

use crate::cache::Cache;
use crate::credentials::{self, AccessKey, Expiry, Session, SessionKind};
use crate::entities::{Group, Role, Strings, User, arn, name_key};
use crate::error::Error;
use crate::managed::find_policy;

/// Longest session of a role that was assumed by another role's session, in seconds (AWS: Role chaining).
const CHAINED_S_MAX: i64 = 3_600;
/// What stands for "no session policy was given" where that means no permissions (AWS: GetFederationToken).
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"none:Nothing","Resource":"*"}]}"#;
/// What root itself may do, for the sessions that it federates.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// IAM as the other rooms see it.
pub struct Directory {
    host: Weak<Host>,
    cache: Arc<Cache>,
}

impl Directory {
    /// The directory; it does not keep the host alive, which holds it.
    pub fn new(host: &Arc<Host>, cache: Arc<Cache>) -> Directory {
        Directory { host: Arc::downgrade(host), cache }
    }

    fn host(&self) -> Result<Arc<Host>, Failure> {
        self.host.upgrade().ok_or_else(|| Internal::because("the host is gone").into())
    }

    async fn look_up(&self, host: &Host, access_key: &str) -> Result<Option<Credential>, Error> {
        let mut tx = credentials::begin(host);
        let key = Key::new().text(access_key);
        if let Some(session) = tx.get::<Session>(&key).await? {
            return Ok(Some(session.credential()));
        }
        let Some(found) = tx.get::<AccessKey>(&key).await? else { return Ok(None) };
        let principal = match &found.user {
            None => Principal::root(&found.account, access_key),
            Some(name) => {
                tx.enter(scope(&found.account).space("iam"));
                let Some(user) = tx.get::<User>(&name_key(name)).await? else { return Ok(None) };
                Principal {
                    arn: arn(&found.account, "user", &user.path, &user.name),
                    account: found.account.clone(),
                    user_id: user.id,
                    access_key: access_key.to_owned(),
                    kind: PrincipalKind::User { name: user.name },
                }
            }
        };
        let secret = found.secret.as_str().into();
        Ok(Some(Credential {
            secret,
            session_token: None,
            expires_ms: None,
            is_active: found.is_active,
            principal,
        }))
    }

    async fn gather(&self, host: &Host, principal: &Principal) -> Result<PrincipalPolicies, Error> {
        let account = &principal.account;
        let mut tx = host.begin("iam", &scope(account));
        let mut found = PrincipalPolicies::default();
        match &principal.kind {
            PrincipalKind::User { name } => {
                if let Some(user) = tx.get::<User>(&name_key(name)).await? {
                    add(&mut tx, account, &mut found, &user.inline, &user.attached).await?;
                    found.boundary = boundary(&mut tx, account, user.boundary.as_deref()).await?;
                    for group in &user.groups {
                        if let Some(group) = tx.get::<Group>(&name_key(group)).await? {
                            add(&mut tx, account, &mut found, &group.inline, &group.attached).await?;
                        }
                    }
                }
                // A user's session may have policies of its own; only its record knows them.
                let key = Key::new().text(&principal.access_key);
                if let Some(session) = credentials::begin(host).get::<Session>(&key).await? {
                    found.session =
                        session.policies.iter().map(|document| document.as_str().into()).collect();
                    if name.is_empty() {
                        found.identity.push(EVERYTHING.into());
                    }
                }
            }
            PrincipalKind::Role { role_arn, session_policies, .. } => {
                if let Some(role) = tx.get::<Role>(&name_key(name_of(role_arn))).await? {
                    add(&mut tx, account, &mut found, &role.inline, &role.attached).await?;
                    found.boundary = boundary(&mut tx, account, role.boundary.as_deref()).await?;
                }
                found.session = session_policies.iter().map(|document| document.as_str().into()).collect();
            }
            PrincipalKind::Root | PrincipalKind::Service | PrincipalKind::Anonymous => {}
        }
        Ok(found)
    }

    async fn assume(&self, asked: AssumeRole) -> Result<Option<SessionCredentials>, Failure> {
        let host = self.host()?;
        let parsed = Arn::parse(&asked.role_arn).filter(|arn| arn.service == "iam");
        let Some(parsed) = parsed.filter(|arn| arn.resource.starts_with("role/")) else { return Ok(None) };
        let account = parsed.account.clone();
        let mut tx = host.begin("iam", &scope(&account));
        let role = tx.get::<Role>(&name_key(name_of(&asked.role_arn))).await?;
        let Some(role) = role.filter(|role| arn(&account, "role", &role.path, &role.name) == asked.role_arn)
        else {
            return Ok(None);
        };
        self.check_trust(&host, &asked, &role, &account).await?;
        if asked.by.kind != PrincipalKind::Service {
            check_duration(&asked, &role)?;
        }
        let mut policies = Vec::with_capacity(asked.session_policies.len());
        for document in asked.session_policies {
            policies.push(session_policy(&mut tx, &account, document).await?);
        }
        let session = Session {
            expires_ms: host.clock.now_ms() + asked.duration_s * 1000,
            arn: format!("arn:aws:sts::{account}:assumed-role/{}/{}", role.name, asked.session),
            user_id: format!("{}:{}", role.id, asked.session),
            account,
            kind: SessionKind::Role(asked.role_arn, asked.session),
            policies,
            ..Session::default()
        };
        Ok(Some(issue(&host, session).await?))
    }

    async fn check_trust(
        &self,
        host: &Host,
        asked: &AssumeRole,
        role: &Role,
        account: &str,
    ) -> Result<(), Failure> {
        let mut request = Request::new(principal(&asked.by), "sts:AssumeRole", asked.role_arn.as_str());
        request.resource_account = Some(account.to_owned());
        request.context.set_time(host.clock.now_ms() / 1000);
        request.context.set("sts:ExternalId", asked.external_id.clone());
        request.context.set("sts:RoleSessionName", [asked.session.as_str()]);
        let trust = Policy::parse(&role.trust, Kind::Trust).map_err(|error| {
            Internal::new(format!("reading the trust policy of {}", asked.role_arn), error)
        })?;
        let own = self.policies(&asked.by).await?;
        // What cannot be read allows nothing, and bounds everything.
        let parse = |document: &Arc<str>| {
            Policy::parse(document, Kind::Identity).unwrap_or_else(|_| {
                Policy::parse(NOTHING, Kind::Identity).expect("the document is well-formed")
            })
        };
        let identity: Vec<Policy> = own.identity.iter().map(parse).collect();
        let session: Vec<Policy> = own.session.iter().map(parse).collect();
        let boundary = own.boundary.as_ref().map(parse);
        let (identity, session): (Vec<&Policy>, Vec<&Policy>) =
            (identity.iter().collect(), session.iter().collect());
        let policies = Policies {
            identity: &identity,
            boundary: boundary.as_ref(),
            session: (!own.session.is_empty()).then_some(&session[..]),
            resource: Some(&trust),
            resource_rule: ResourceRule::Trust,
        };
        let decision = policy::evaluate(&request, &policies);
        match decision.is_allowed() {
            true => Ok(()),
            false => {
                Err(Exception::new("AccessDenied", 403, decision.message(&request, MessageForm::NoReason))
                    .into())
            }
        }
    }
}

impl Identities for Directory {
    fn find<'a>(&'a self, access_key: &'a str) -> BoxFuture<'a, Result<Option<Credential>, Failure>> {
        Box::pin(async move {
            let generation = match self.cache.credential(access_key) {
                Ok(known) => return Ok(known),
                Err(generation) => generation,
            };
            let found = self.look_up(&*self.host()?, access_key).await?;
            self.cache.keep_credential(access_key, found.clone(), generation);
            Ok(found)
        })
    }

    fn policies<'a>(&'a self, principal: &'a Principal) -> BoxFuture<'a, Result<PrincipalPolicies, Failure>> {
        Box::pin(async move {
            if matches!(
                principal.kind,
                PrincipalKind::Root | PrincipalKind::Service | PrincipalKind::Anonymous
            ) {
                return Ok(PrincipalPolicies::default());
            }
            let key = format!("{} {}", principal.arn, principal.access_key);
            let generation = match self.cache.policies(&key) {
                Ok(known) => return Ok(known),
                Err(generation) => generation,
            };
            let found = self.gather(&*self.host()?, principal).await?;
            self.cache.keep_policies(&key, found.clone(), generation);
            Ok(found)
        })
    }

    fn assume_role(&self, request: AssumeRole) -> BoxFuture<'_, Result<Option<SessionCredentials>, Failure>> {
        Box::pin(self.assume(request))
    }

    fn user_session<'a>(
        &'a self,
        principal: &'a Principal,
        duration_s: i64,
        policies: Vec<String>,
    ) -> BoxFuture<'a, Result<SessionCredentials, Failure>> {
        Box::pin(async move {
            let host = self.host()?;
            let mut tx = host.begin("iam", &scope(&principal.account));
            let mut documents = Vec::with_capacity(policies.len());
            for document in policies {
                documents.push(session_policy(&mut tx, &principal.account, document).await?);
            }
            let is_federated = principal.arn.contains(":federated-user/");
            let kind = match &principal.kind {
                PrincipalKind::User { name } => SessionKind::User(name.clone()),
                PrincipalKind::Root if is_federated => SessionKind::User(String::new()),
                PrincipalKind::Root => SessionKind::Root,
                _ => {
                    let text = "Cannot call GetSessionToken with session credentials";
                    return Err(Exception::new("AccessDenied", 403, text).into());
                }
            };
            if is_federated && documents.is_empty() {
                documents.push(NOTHING.to_owned());
            }
            let session = Session {
                expires_ms: host.clock.now_ms() + duration_s * 1000,
                arn: principal.arn.clone(),
                user_id: principal.user_id.clone(),
                account: principal.account.clone(),
                kind,
                policies: documents,
                ..Session::default()
            };
            Ok(issue(&host, session).await?)
        })
    }
}

/// Gives a session its secret and keeps it.
async fn issue(host: &Host, mut session: Session) -> Result<SessionCredentials, Error> {
    session.id = credentials::key_id(host, "ASIA");
    session.secret = credentials::secret(host);
    session.token = credentials::token(host);
    let mut tx = credentials::begin(host);
    tx.put(&session)?;
    tx.put(&Expiry { expires_ms: session.expires_ms, id: session.id.clone() })?;
    tx.commit().await?;
    Ok(SessionCredentials {
        access_key: session.id,
        secret: session.secret,
        token: session.token,
        expires_ms: session.expires_ms,
        user_id: session.user_id,
        arn: session.arn,
    })
}

fn check_duration(asked: &AssumeRole, role: &Role) -> Result<(), Failure> {
    let refused = |text: &str| Err(Exception::new("ValidationError", 400, text).into());
    if matches!(asked.by.kind, PrincipalKind::Role { .. }) && asked.duration_s > CHAINED_S_MAX {
        return refused(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        );
    }
    if asked.duration_s > role.max_session_s {
        return refused("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
    }
    Ok(())
}

/// A session policy as JSON: it was sent so, or by the ARN of a managed policy.
async fn session_policy(tx: &mut Tx, account: &str, policy: String) -> Result<String, Error> {
    if policy.starts_with("arn:") {
        let found = find_policy(tx, account, &policy).await?;
        let found = found.ok_or_else(|| Error::NoSuchEntity(format!("Policy {policy} does not exist.")))?;
        return Ok(found.document().to_owned());
    }
    crate::documents::check_identity(&policy)?;
    Ok(policy)
}

async fn add(
    tx: &mut Tx,
    account: &str,
    to: &mut PrincipalPolicies,
    inline: &Strings,
    attached: &[String],
) -> Result<(), Error> {
    to.identity.extend(inline.values().map(|document| Arc::from(document.as_str())));
    for arn in attached {
        if let Some(found) = find_policy(tx, account, arn).await? {
            to.identity.push(found.document().into());
        }
    }
    Ok(())
}

async fn boundary(tx: &mut Tx, account: &str, arn: Option<&str>) -> Result<Option<Arc<str>>, Error> {
    let Some(arn) = arn else { return Ok(None) };
    let found = find_policy(tx, account, arn).await?;
    // A boundary that cannot be found bounds everything.
    Ok(Some(found.map_or_else(|| NOTHING.into(), |found| found.document().into())))
}

/// The principal as the policy engine sees it.
pub fn principal(of: &Principal) -> policy::Principal {
    let Principal { arn, account, user_id, .. } = of.clone();
    match &of.kind {
        PrincipalKind::Root => policy::Principal::Root { account },
        PrincipalKind::User { .. } if arn.contains(":federated-user/") => {
            policy::Principal::FederatedUser { arn, account, user_id }
        }
        PrincipalKind::User { name } => policy::Principal::User { arn, account, name: name.clone(), user_id },
        PrincipalKind::Role { role_arn, .. } => {
            policy::Principal::RoleSession { arn, role_arn: role_arn.clone(), account, user_id }
        }
        PrincipalKind::Service => policy::Principal::Service { host: arn },
        PrincipalKind::Anonymous => policy::Principal::Anonymous,
    }
}

/// The last part of an ARN's path.
pub fn name_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or_default()
}

/// Where an account's IAM is.
pub fn scope(account: &str) -> Scope {
    Scope::new(account, GLOBAL_REGION)
}

#[cfg(test)]
mod tests;

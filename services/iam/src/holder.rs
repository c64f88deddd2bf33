//! What users, groups and roles have in common: inline policies, attached policies, permissions boundaries.

use kernel::{Ctx, Record, Tx};

use crate::Iam;
use crate::documents::check_identity;
use crate::entities::{
    Attachment, Group, Kind, ManagedPolicy, Role, Strings, User, group, name_key, role, user,
};
use crate::error::Error;
use crate::managed::{Found, find_policy};

/// Attached policies of one entity (AWS: IAM and AWS STS quotas).
const ATTACHED_MAX: usize = 10;

/// An entity with policies.
pub trait Holder: Record {
    /// Its kind.
    const KIND: Kind;
    /// Most characters of all its inline policies, white space not counted (AWS: IAM and AWS STS quotas).
    const INLINE_CHARS_MAX: usize;
    /// Finds it, or says `NoSuchEntity`.
    fn find<'a>(tx: &'a mut Tx, name: &'a str) -> impl Future<Output = Result<Self, Error>> + Send + 'a;
    /// Inline policies.
    fn inline(&mut self) -> &mut Strings;
    /// ARNs of attached policies.
    fn attached(&mut self) -> &mut Vec<String>;
    /// The boundary, for those that may have one.
    fn boundary(&mut self) -> Option<&mut Option<String>>;
    /// Name and id.
    fn name_and_id(&self) -> (&str, &str);
    /// Refuses changes of what belongs to a service.
    fn check_modifiable(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl Holder for User {
    const KIND: Kind = Kind::User;
    const INLINE_CHARS_MAX: usize = 2_048;
    async fn find<'a>(tx: &'a mut Tx, name: &'a str) -> Result<User, Error> {
        user(tx, name).await
    }
    fn inline(&mut self) -> &mut Strings {
        &mut self.inline
    }
    fn attached(&mut self) -> &mut Vec<String> {
        &mut self.attached
    }
    fn boundary(&mut self) -> Option<&mut Option<String>> {
        Some(&mut self.boundary)
    }
    fn name_and_id(&self) -> (&str, &str) {
        (&self.name, &self.id)
    }
}

impl Holder for Group {
    const KIND: Kind = Kind::Group;
    const INLINE_CHARS_MAX: usize = 5_120;
    async fn find<'a>(tx: &'a mut Tx, name: &'a str) -> Result<Group, Error> {
        group(tx, name).await
    }
    fn inline(&mut self) -> &mut Strings {
        &mut self.inline
    }
    fn attached(&mut self) -> &mut Vec<String> {
        &mut self.attached
    }
    fn boundary(&mut self) -> Option<&mut Option<String>> {
        None
    }
    fn name_and_id(&self) -> (&str, &str) {
        (&self.name, &self.id)
    }
}

impl Holder for Role {
    const KIND: Kind = Kind::Role;
    const INLINE_CHARS_MAX: usize = 10_240;
    async fn find<'a>(tx: &'a mut Tx, name: &'a str) -> Result<Role, Error> {
        role(tx, name).await
    }
    fn inline(&mut self) -> &mut Strings {
        &mut self.inline
    }
    fn attached(&mut self) -> &mut Vec<String> {
        &mut self.attached
    }
    fn boundary(&mut self) -> Option<&mut Option<String>> {
        Some(&mut self.boundary)
    }
    fn name_and_id(&self) -> (&str, &str) {
        (&self.name, &self.id)
    }
    fn check_modifiable(&self) -> Result<(), Error> {
        crate::linked::check_modifiable(self)
    }
}

/// Adds an inline policy, or replaces it.
pub async fn put_inline<H: Holder>(
    cx: &Ctx<Iam>,
    name: &str,
    policy: String,
    document: String,
) -> Result<(), Error> {
    let mut tx = cx.begin();
    let mut holder = H::find(&mut tx, name).await?;
    holder.check_modifiable()?;
    check_identity(&document)?;
    holder.inline().insert(policy, document);
    let chars: usize = holder.inline().values().map(|document| policy::quota_chars(document)).sum();
    if chars > H::INLINE_CHARS_MAX {
        let (limit, kind) = (H::INLINE_CHARS_MAX, H::KIND.word());
        let text =
            format!("Maximum policy size of {limit} bytes exceeded for {kind} {}", holder.name_and_id().0);
        return Err(Error::LimitExceeded(text));
    }
    tx.put(&holder)?;
    tx.commit().await?;
    Ok(())
}

/// The entity's own name and an inline policy's document.
pub async fn get_inline<H: Holder>(
    cx: &Ctx<Iam>,
    name: &str,
    policy: &str,
) -> Result<(String, String), Error> {
    let mut holder = H::find(&mut cx.begin(), name).await?;
    let document = holder.inline().remove(policy).ok_or_else(|| no_inline(H::KIND, policy))?;
    Ok((holder.name_and_id().0.to_owned(), document))
}

/// Removes an inline policy.
pub async fn delete_inline<H: Holder>(cx: &Ctx<Iam>, name: &str, policy: &str) -> Result<(), Error> {
    let mut tx = cx.begin();
    let mut holder = H::find(&mut tx, name).await?;
    holder.check_modifiable()?;
    holder.inline().remove(policy).ok_or_else(|| no_inline(H::KIND, policy))?;
    tx.put(&holder)?;
    tx.commit().await?;
    Ok(())
}

fn no_inline(kind: Kind, policy: &str) -> Error {
    Error::NoSuchEntity(format!("The {} policy with name {policy} cannot be found.", kind.word()))
}

/// Attaches a managed policy; one that is attached already is no error.
pub async fn attach<H: Holder>(cx: &Ctx<Iam>, name: &str, arn: &str) -> Result<(), Error> {
    let mut tx = cx.begin();
    let mut holder = H::find(&mut tx, name).await?;
    holder.check_modifiable()?;
    let Some(found) = find_policy(&mut tx, cx.account(), arn).await? else {
        return Err(Error::NoSuchEntity(format!("Policy {arn} does not exist or is not attachable.")));
    };
    if holder.attached().iter().any(|attached| attached == arn) {
        return Ok(());
    }
    if holder.attached().len() >= ATTACHED_MAX {
        return Err(Error::quota(&format!("PoliciesPer{}", H::KIND.title()), ATTACHED_MAX));
    }
    holder.attached().push(arn.to_owned());
    count(&mut tx, found, |policy| policy.attachments += 1)?;
    tx.put(&attachment(&holder, arn, false))?;
    tx.put(&holder)?;
    tx.commit().await?;
    Ok(())
}

/// Detaches a managed policy.
pub async fn detach<H: Holder>(cx: &Ctx<Iam>, name: &str, arn: &str) -> Result<(), Error> {
    let mut tx = cx.begin();
    let mut holder = H::find(&mut tx, name).await?;
    holder.check_modifiable()?;
    let found = find_policy(&mut tx, cx.account(), arn).await?;
    let at = holder.attached().iter().position(|attached| attached == arn);
    let (Some(found), Some(at)) = (found, at) else {
        return Err(Error::NoSuchEntity(format!("Policy {arn} was not found.")));
    };
    holder.attached().remove(at);
    count(&mut tx, found, |policy| policy.attachments = policy.attachments.saturating_sub(1))?;
    tx.delete::<Attachment>(&attachment(&holder, arn, false).key());
    tx.put(&holder)?;
    tx.commit().await?;
    Ok(())
}

/// Sets or removes the permissions boundary of an entity that is written in the same transaction.
pub async fn set_boundary<H: Holder>(
    tx: &mut Tx,
    account: &str,
    holder: &mut H,
    arn: Option<String>,
) -> Result<(), Error> {
    let Some(boundary) = holder.boundary() else { return Ok(()) };
    let before = std::mem::replace(boundary, arn.clone());
    if before == arn {
        return Ok(());
    }
    if let Some(before) = before {
        if let Some(found) = find_policy(tx, account, &before).await? {
            count(tx, found, |policy| policy.boundaries = policy.boundaries.saturating_sub(1))?;
        }
        tx.delete::<Attachment>(&attachment(holder, &before, true).key());
    }
    if let Some(arn) = arn {
        let Some(found) = find_policy(tx, account, &arn).await? else {
            return Err(Error::NoSuchEntity(format!(
                "Scope ARN: {arn} does not exist or is not attachable."
            )));
        };
        count(tx, found, |policy| policy.boundaries += 1)?;
        tx.put(&attachment(holder, &arn, true))?;
    }
    Ok(())
}

/// Changes the boundary of an entity that is there.
pub async fn change_boundary<H: Holder>(cx: &Ctx<Iam>, name: &str, arn: Option<String>) -> Result<(), Error> {
    let mut tx = cx.begin();
    let mut holder = H::find(&mut tx, name).await?;
    holder.check_modifiable()?;
    set_boundary(&mut tx, cx.account(), &mut holder, arn).await?;
    tx.put(&holder)?;
    tx.commit().await?;
    Ok(())
}

/// Tells the policies' index of an entity's new name.
pub fn rename_attachments<H: Holder>(tx: &mut Tx, holder: &mut H) -> Result<(), Error> {
    for arn in holder.attached().clone() {
        tx.put(&attachment(holder, &arn, false))?;
    }
    if let Some(Some(arn)) = holder.boundary().cloned() {
        tx.put(&attachment(holder, &arn, true))?;
    }
    Ok(())
}

/// Refuses to delete an entity that still has policies.
pub fn check_without_policies<H: Holder>(holder: &mut H) -> Result<(), Error> {
    if !holder.attached().is_empty() {
        return Err(Error::DeleteConflict("entity, must detach all policies first."));
    }
    if !holder.inline().is_empty() {
        return Err(Error::DeleteConflict("entity, must delete policies first."));
    }
    Ok(())
}

fn attachment<H: Holder>(holder: &H, arn: &str, is_boundary: bool) -> Attachment {
    let (name, id) = holder.name_and_id();
    Attachment {
        policy: arn.to_owned(),
        is_boundary,
        kind: H::KIND,
        name: name.to_owned(),
        id: id.to_owned(),
    }
}

/// Counts a use of a policy of the account; AWS's own are counted by their attachments.
fn count(tx: &mut Tx, found: Found, change: impl FnOnce(&mut ManagedPolicy)) -> Result<(), Error> {
    if let Found::Own(own) = found {
        let mut own = *own;
        change(&mut own);
        tx.put(&own)?;
    }
    Ok(())
}

/// Says that a name is taken.
pub async fn check_free<H: Holder>(tx: &mut Tx, name: &str) -> Result<(), Error> {
    match tx.get::<H>(&name_key(name)).await? {
        Some(_) => {
            let kind = H::KIND.title();
            Err(Error::EntityAlreadyExists(format!("{kind} with name {name} already exists.")))
        }
        None => Ok(()),
    }
}

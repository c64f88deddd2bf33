//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>

use kernel::Ctx;

use crate::Iam;
use crate::credentials::entity_id;
use crate::documents::check_managed;
use crate::entities::{ManagedPolicy, Version, name_key, path_or_root};
use crate::error::Error;
use crate::generated::{CreatePolicyRequest, CreatePolicyResponse, Policy};
use crate::managed::Found;
use crate::shapes::{self, View};
use crate::tags::{self, Keys};

pub(crate) async fn create_policy(
    cx: &Ctx<Iam>,
    req: CreatePolicyRequest,
) -> Result<CreatePolicyResponse, Error> {
    let mut tx = cx.begin();
    if tx.get::<ManagedPolicy>(&name_key(&req.policy_name)).await?.is_some() {
        let text =
            format!("A policy called {} already exists. Duplicate names are not allowed.", req.policy_name);
        return Err(Error::EntityAlreadyExists(text));
    }
    check_managed(&req.policy_document)?;
    let now_ms = cx.now_ms();
    let mut policy = ManagedPolicy {
        id: entity_id(&cx.host, "ANPA"),
        path: path_or_root(req.path),
        name: req.policy_name,
        created_ms: now_ms,
        updated_ms: now_ms,
        description: req.description.filter(|text| !text.is_empty()),
        default_version: 1,
        last_version: 1,
        versions: vec![Version { number: 1, document: req.policy_document, created_ms: now_ms }],
        ..ManagedPolicy::default()
    };
    tags::add(&mut policy.tags, req.tags.clone(), Keys::Exact)?;
    tx.put(&policy)?;
    tx.commit().await?;
    // Tags are answered in the order in which they were sent.
    let tags = req.tags.filter(|tags| !tags.is_empty());
    let shape = shapes::policy(cx.account(), &Found::Own(Box::new(policy)), (0, 0), View::Created);
    Ok(CreatePolicyResponse { policy: Some(Policy { tags, ..shape }) })
}

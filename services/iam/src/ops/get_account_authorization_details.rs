//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>

use kernel::{Ctx, Key};

use crate::Iam;
use crate::details;
use crate::entities::{Group, ManagedPolicy, Role, User};
use crate::error::Error;
use crate::generated::{GetAccountAuthorizationDetailsRequest, GetAccountAuthorizationDetailsResponse};
use crate::managed::{AWS, Found, uses};
use crate::page::page;

pub(crate) async fn get_account_authorization_details(
    cx: &Ctx<Iam>,
    req: GetAccountAuthorizationDetailsRequest,
) -> Result<GetAccountAuthorizationDetailsResponse, Error> {
    let tx = cx.begin();
    let wants =
        |name: &str| req.filter.as_ref().is_none_or(|filter| filter.iter().any(|wanted| wanted == name));
    let mut all: Vec<(String, Detail)> = Vec::new();
    if wants("User") {
        let users: Vec<User> = tx.list(&Key::new(), None, usize::MAX).await?;
        all.extend(
            users
                .into_iter()
                .map(|user| (format!("1 {}", user.name.to_lowercase()), Detail::User(Box::new(user)))),
        );
    }
    if wants("Group") {
        let groups: Vec<Group> = tx.list(&Key::new(), None, usize::MAX).await?;
        all.extend(
            groups
                .into_iter()
                .map(|group| (format!("2 {}", group.name.to_lowercase()), Detail::Group(group))),
        );
    }
    if wants("Role") {
        let roles: Vec<Role> = tx.list(&Key::new(), None, usize::MAX).await?;
        all.extend(
            roles
                .into_iter()
                .map(|role| (format!("3 {}", role.name.to_lowercase()), Detail::Role(Box::new(role)))),
        );
    }
    if wants("LocalManagedPolicy") {
        let own: Vec<ManagedPolicy> = tx.list(&Key::new(), None, usize::MAX).await?;
        all.extend(own.into_iter().map(|own| {
            (format!("4 {}", own.name.to_lowercase()), Detail::Policy(Found::Own(Box::new(own))))
        }));
    }
    if wants("AWSManagedPolicy") {
        for aws in AWS.iter() {
            let found = Found::Aws(aws);
            // Only AWS's policies that are in use are told.
            if uses(&tx, &found).await? != (0, 0) {
                all.push((format!("5 {}", aws.name.to_lowercase()), Detail::Policy(found)));
            }
        }
    }
    let page = page(all, req.marker.as_deref(), req.max_items, |(key, _)| key.clone())?;
    let mut res = GetAccountAuthorizationDetailsResponse {
        user_detail_list: Some(Vec::new()),
        group_detail_list: Some(Vec::new()),
        role_detail_list: Some(Vec::new()),
        policies: Some(Vec::new()),
        is_truncated: page.is_truncated,
        marker: page.marker,
    };
    for (_, detail) in page.items {
        match detail {
            Detail::User(user) => push(&mut res.user_detail_list, details::user(cx.account(), &user)),
            Detail::Group(group) => push(&mut res.group_detail_list, details::group(cx.account(), &group)),
            Detail::Role(role) => {
                push(&mut res.role_detail_list, details::role(&tx, cx.account(), &role).await?)
            }
            Detail::Policy(found) => {
                push(&mut res.policies, details::policy(&tx, cx.account(), &found).await?)
            }
        }
    }
    Ok(res)
}

enum Detail {
    User(Box<User>),
    Group(Group),
    Role(Box<Role>),
    Policy(Found),
}

fn push<T>(list: &mut Option<Vec<T>>, item: T) {
    list.get_or_insert_default().push(item);
}

//! The resources and methods of a document.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Record, Tx};
use plan::definition::{MethodDefinition, ResourceDefinition};

use super::parts::Known;
use crate::Cx;
use crate::documentation::Mode;
use crate::error::Error;
use crate::mapping;
use crate::resource::Tree;
use crate::tables::{self, ApiRecord, RESOURCES_MAX, ResourceRecord};

type Methods = BTreeMap<String, MethodDefinition>;

/// Writes the resources of the document; what it does not name goes when it overwrites.
pub(super) async fn apply(
    cx: &Cx,
    tx: &mut Tx,
    api: &ApiRecord,
    (paths, known): (BTreeMap<String, Methods>, Known),
    mode: Mode,
    errors: &mut Vec<String>,
) -> Result<(), Error> {
    let mut before = tables::resources(tx, &api.id).await?;
    if before.is_empty() {
        // A new API: its root is written with the rest.
        let resource = ResourceDefinition {
            id: api.root_resource_id.clone(),
            path: "/".to_owned(),
            ..ResourceDefinition::default()
        };
        before.push(ResourceRecord { api_id: api.id.clone(), resource });
    }
    let named: BTreeSet<String> = paths.keys().flat_map(|path| with_parents(path)).collect();
    let goes = |record: &ResourceRecord| {
        mode == Mode::Overwrite
            && record.resource.parent_id.is_some()
            && !named.contains(&record.resource.path)
    };
    let (gone, stays): (Vec<_>, Vec<_>) = before.into_iter().partition(|record| goes(record));
    for record in &gone {
        tx.get::<ResourceRecord>(&record.key()).await?;
        tx.delete::<ResourceRecord>(&record.key());
    }
    let mut tree = Tree(stays);
    if mode == Mode::Overwrite {
        tree.0.iter_mut().for_each(|record| record.resource.methods.clear());
    }
    for (path, methods) in paths {
        let at = match grow(cx, api, &mut tree, &path) {
            Ok(at) => at,
            Err(error) => {
                errors.push(format!("Unable to create resource at path '{path}': {error}"));
                continue;
            }
        };
        let resource_id = tree.0[at].resource.id.clone();
        for (name, method) in methods {
            let method = settled(cx, method, &resource_id, &known, (&name, &path), errors);
            tree.0[at].resource.methods.insert(name, method);
        }
    }
    if tree.0.len() > RESOURCES_MAX {
        return Err(Error::TooMany("resources"));
    }
    for record in &tree.0 {
        // Read first: another change of this resource makes the import begin again.
        tx.get::<ResourceRecord>(&record.key()).await?;
        tx.put(record)?;
    }
    Ok(())
}

/// `/a/b` and `/a`.
fn with_parents(path: &str) -> Vec<String> {
    let ends = path.char_indices().skip(1).filter(|(_, c)| *c == '/').map(|(index, _)| index);
    ends.chain([path.len()]).map(|end| path[..end].to_owned()).collect()
}

/// Where the resource of a path is, after it and those above it are made.
fn grow(cx: &Cx, api: &ApiRecord, tree: &mut Tree, path: &str) -> Result<usize, Error> {
    let find = |tree: &Tree, path: &str| tree.0.iter().position(|record| record.resource.path == path);
    let mut at = find(tree, "/").ok_or(Error::NoResource)?;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let parent = tree.0[at].resource.clone();
        let wanted = format!("{}/{part}", parent.path.trim_end_matches('/'));
        at = match find(tree, &wanted) {
            Some(found) => found,
            None => {
                let path = tree.place(&parent, part, "")?;
                let resource = ResourceDefinition {
                    id: cx.new_id(6),
                    parent_id: Some(parent.id),
                    path_part: Some(part.to_owned()),
                    path,
                    ..ResourceDefinition::default()
                };
                tree.0.push(ResourceRecord { api_id: api.id.clone(), resource });
                tree.0.len() - 1
            }
        };
    }
    Ok(at)
}

/// A method with ids in the place of names, checked as if it had been put.
fn settled(
    cx: &Cx,
    mut method: MethodDefinition,
    resource_id: &str,
    known: &Known,
    (name, path): (&str, &str),
    errors: &mut Vec<String>,
) -> MethodDefinition {
    let mut problems = Vec::new();
    method.authorizer_id = method.authorizer_id.and_then(|name| known.authorizers.get(&name).cloned());
    if let Some(validator) = method.request_validator_id.take() {
        method.request_validator_id = known.validators.get(&validator).cloned();
        if method.request_validator_id.is_none() {
            problems.push(Error::Validator);
        }
    }
    problems.extend(check(&method, known).err());
    for problem in problems {
        errors.push(format!("Unable to put method '{name}' on resource at path '{path}': {problem}"));
    }
    if let Some(mut integration) = method.integration.take() {
        integration.cache_namespace.get_or_insert_with(|| resource_id.to_owned());
        if let Err(error) = crate::integration::check(&integration, &method, cx.account()) {
            errors.push(format!(
                "Unable to put integration on '{name}' for resource at path '{path}': {error}"
            ));
        }
        for (status, response) in &integration.responses {
            let checked = mapping::check_content_types(response.response_templates.keys()).and_then(|()| {
                mapping::check_integration_response(&response.response_parameters, &method, status)
            });
            if let Err(error) = checked {
                errors.push(format!(
                    "Unable to put integration response on '{name}' for resource at path '{path}': {error}"
                ));
            }
        }
        method.integration = Some(integration);
    }
    method
}

fn check(method: &MethodDefinition, known: &Known) -> Result<(), Error> {
    mapping::check_request_names(&method.request_parameters)?;
    mapping::check_content_types(method.request_models.keys())?;
    let responses = method.responses.values().flat_map(|response| response.response_models.values());
    let unknown = method.request_models.values().chain(responses).find(|name| !known.models.contains(*name));
    match unknown {
        Some(name) => Err(Error::Model(name.clone())),
        None => Ok(()),
    }
}

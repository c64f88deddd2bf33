//! The tree of resources: path parts, which may stand beside and below each other, and what moves along when a part moves.
//!
//! Every record holds its whole path, so a renamed or moved resource takes the paths of all below it along.

use plan::definition::ResourceDefinition;

use crate::error::Error;
use crate::generated::{Method, Resource};
use crate::patch::{REPLACE, Rule};
use crate::tables::ResourceRecord;

/// AWS: Patch Operations, UpdateResource.
pub(crate) const RULES: &[Rule] = &[("/parentId", REPLACE), ("/pathPart", REPLACE)];

/// How much of a resource's methods is shown.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Embed {
    /// Their names.
    Names,
    /// All of them, for `embed=methods`.
    Methods,
}

impl Embed {
    /// What a request asks for.
    pub(crate) fn of(embed: Option<&Vec<String>>) -> Embed {
        let asked = embed.is_some_and(|names| names.iter().any(|name| name == "methods"));
        if asked { Embed::Methods } else { Embed::Names }
    }
}

/// The resource as a client sees it.
pub(crate) fn shown(resource: &ResourceDefinition, embed: Embed) -> Resource {
    let methods = resource.methods.iter().map(|(name, method)| {
        let method = match embed {
            Embed::Names => Method::default(),
            Embed::Methods => crate::method::shown(name, method),
        };
        (name.clone(), method)
    });
    Resource {
        id: Some(resource.id.clone()),
        parent_id: resource.parent_id.clone(),
        path_part: resource.path_part.clone(),
        path: Some(resource.path.clone()),
        resource_methods: (!resource.methods.is_empty()).then(|| methods.collect()),
    }
}

/// All resources of an API at one moment.
pub(crate) struct Tree(pub(crate) Vec<ResourceRecord>);

impl Tree {
    /// Ids of all resources below `id`, nearest first.
    pub(crate) fn below(&self, id: &str) -> Vec<String> {
        let mut found = vec![id.to_owned()];
        let mut at = 0;
        while at < found.len() {
            let children = self.children(&found[at]).map(|child| child.id.clone()).collect::<Vec<_>>();
            found.extend(children);
            at += 1;
        }
        found.remove(0);
        found
    }

    /// Whether a resource `own_id` (empty for a new one) may be called `part` below `parent`; gives its path.
    pub(crate) fn place(
        &self,
        parent: &ResourceDefinition,
        part: &str,
        own_id: &str,
    ) -> Result<String, Error> {
        if let Some(greedy) = parent.path_part.as_deref().filter(|part| part.ends_with("+}")) {
            return Err(Error::GreedyParent(greedy.to_owned()));
        }
        if !is_path_part(part) {
            return Err(Error::PathPart);
        }
        let siblings = || self.children(&parent.id).filter(|sibling| sibling.id != own_id);
        let parts = || siblings().filter_map(|sibling| sibling.path_part.as_deref());
        if parts().any(|other| other == part) {
            return Err(Error::SiblingName(part.to_owned()));
        }
        if let Some(other) = parts().find(|other| part.starts_with('{') && other.starts_with('{')) {
            return Err(Error::VariableSibling(other.to_owned()));
        }
        Ok(format!("{}/{part}", parent.path.trim_end_matches('/')))
    }

    fn children<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a ResourceDefinition> {
        self.0
            .iter()
            .map(|record| &record.resource)
            .filter(move |child| child.parent_id.as_deref() == Some(id))
    }
}

/// A literal part, or `{name}`, or `{name+}`.
fn is_path_part(text: &str) -> bool {
    let allowed = |text: &str, more: &str| {
        !text.is_empty()
            && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c) || more.contains(c))
    };
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => allowed(name.strip_suffix('+').unwrap_or(name), ":"),
        None => allowed(text, ":"),
    }
}

#[cfg(test)]
mod tests;

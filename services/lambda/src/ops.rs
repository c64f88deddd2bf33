//! The table of operations: one row each, alphabetical.

use kernel::{Operation, Scope, op};
use wire::Value;

use crate::Lambda;
use crate::layers::LayerPlace;
use crate::place::Place;

mod add_layer_version_permission;
mod add_permission;
mod create_alias;
mod create_function;
mod delete_alias;
mod delete_function;
mod delete_function_concurrency;
mod delete_function_event_invoke_config;
mod delete_layer_version;
mod get_account_settings;
mod get_alias;
mod get_function;
mod get_function_concurrency;
mod get_function_configuration;
mod get_function_event_invoke_config;
mod get_layer_version;
mod get_layer_version_by_arn;
mod get_layer_version_policy;
mod get_policy;
mod invoke;
mod list_aliases;
mod list_function_event_invoke_configs;
mod list_functions;
mod list_layer_versions;
mod list_layers;
mod list_tags;
mod list_versions_by_function;
mod publish_layer_version;
mod publish_version;
mod put_function_concurrency;
mod put_function_event_invoke_config;
mod remove_layer_version_permission;
mod remove_permission;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_function_code;
mod update_function_configuration;
mod update_function_event_invoke_config;

/// What Lambda does.
pub(crate) fn table() -> Vec<Operation<Lambda>> {
    vec![
        op("AddLayerVersionPermission", add_layer_version_permission::add_layer_version_permission)
            .on(layer_version),
        op("AddPermission", add_permission::add_permission).on(function),
        op("CreateAlias", create_alias::create_alias).on(function),
        op("CreateFunction", create_function::create_function).on(function),
        op("DeleteAlias", delete_alias::delete_alias).on(function),
        op("DeleteFunction", delete_function::delete_function).on(function),
        op("DeleteFunctionConcurrency", delete_function_concurrency::delete_function_concurrency)
            .on(function),
        op(
            "DeleteFunctionEventInvokeConfig",
            delete_function_event_invoke_config::delete_function_event_invoke_config,
        )
        .on(function),
        op("DeleteLayerVersion", delete_layer_version::delete_layer_version).on(layer_version),
        op("GetAccountSettings", get_account_settings::get_account_settings),
        op("GetAlias", get_alias::get_alias).on(function),
        op("GetFunction", get_function::get_function).on(function),
        op("GetFunctionConcurrency", get_function_concurrency::get_function_concurrency).on(function),
        op("GetFunctionConfiguration", get_function_configuration::get_function_configuration).on(function),
        op(
            "GetFunctionEventInvokeConfig",
            get_function_event_invoke_config::get_function_event_invoke_config,
        )
        .on(function),
        op("GetLayerVersion", get_layer_version::get_layer_version).on(layer_version),
        op("GetLayerVersionByArn", get_layer_version_by_arn::get_layer_version_by_arn)
            .action("lambda:GetLayerVersion")
            .on(layer_version),
        op("GetLayerVersionPolicy", get_layer_version_policy::get_layer_version_policy).on(layer_version),
        op("GetPolicy", get_policy::get_policy).on(function),
        op("Invoke", invoke::invoke).action("lambda:InvokeFunction").on(function),
        op("ListAliases", list_aliases::list_aliases).on(function),
        op(
            "ListFunctionEventInvokeConfigs",
            list_function_event_invoke_configs::list_function_event_invoke_configs,
        )
        .on(function),
        op("ListFunctions", list_functions::list_functions),
        op("ListLayerVersions", list_layer_versions::list_layer_versions).on(layer),
        op("ListLayers", list_layers::list_layers),
        op("ListTags", list_tags::list_tags).on(tagged),
        op("ListVersionsByFunction", list_versions_by_function::list_versions_by_function).on(function),
        op("PublishLayerVersion", publish_layer_version::publish_layer_version).on(layer),
        op("PublishVersion", publish_version::publish_version).on(function),
        op("PutFunctionConcurrency", put_function_concurrency::put_function_concurrency).on(function),
        op(
            "PutFunctionEventInvokeConfig",
            put_function_event_invoke_config::put_function_event_invoke_config,
        )
        .on(function),
        op("RemoveLayerVersionPermission", remove_layer_version_permission::remove_layer_version_permission)
            .on(layer_version),
        op("RemovePermission", remove_permission::remove_permission).on(function),
        op("TagResource", tag_resource::tag_resource).on(tagged),
        op("UntagResource", untag_resource::untag_resource).on(tagged),
        op("UpdateAlias", update_alias::update_alias).on(function),
        op("UpdateFunctionCode", update_function_code::update_function_code).on(function),
        op("UpdateFunctionConfiguration", update_function_configuration::update_function_configuration)
            .on(function),
        op(
            "UpdateFunctionEventInvokeConfig",
            update_function_event_invoke_config::update_function_event_invoke_config,
        )
        .on(function),
    ]
}

/// The function that an input names, with its qualifier.
fn function(scope: &Scope, input: &Value) -> Vec<String> {
    let name = input.get("FunctionName").and_then(Value::as_str).unwrap_or_default();
    let Some(mut place) = Place::parse(name, &scope.account, &scope.region) else {
        return vec!["*".to_owned()];
    };
    if let Some(qualifier) = input.get("Qualifier").and_then(Value::as_str) {
        place.qualifier = Some(qualifier.to_owned());
    }
    vec![place.to_string()]
}

/// The ARN that an input carries.
fn tagged(_: &Scope, input: &Value) -> Vec<String> {
    vec![input.get("Resource").and_then(Value::as_str).unwrap_or("*").to_owned()]
}

/// The layer that an input names.
fn layer(scope: &Scope, input: &Value) -> Vec<String> {
    let name = input.get("LayerName").and_then(Value::as_str).unwrap_or_default();
    let place = LayerPlace::parse(name, &scope.account, &scope.region);
    vec![place.map_or_else(|| "*".to_owned(), |(place, _)| place.arn())]
}

/// The version of a layer that an input names.
fn layer_version(scope: &Scope, input: &Value) -> Vec<String> {
    if let Some(arn) = input.get("Arn").and_then(Value::as_str) {
        return vec![arn.to_owned()];
    }
    let number = match input.get("VersionNumber") {
        Some(Value::Int(number)) => number.to_string(),
        _ => "*".to_owned(),
    };
    layer(scope, input).into_iter().map(|arn| format!("{arn}:{number}")).collect()
}

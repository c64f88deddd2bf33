//! The table of operations, with the permission that each needs: `apigateway:` and the HTTP method, on the path of the request.

mod create_deployment;
mod create_resource;
mod create_rest_api;
mod create_stage;
mod delete_deployment;
mod delete_integration;
mod delete_integration_response;
mod delete_method;
mod delete_method_response;
mod delete_resource;
mod delete_rest_api;
mod delete_stage;
mod get_account;
mod get_deployment;
mod get_deployments;
mod get_integration;
mod get_integration_response;
mod get_method;
mod get_method_response;
mod get_resource;
mod get_resources;
mod get_rest_api;
mod get_rest_apis;
mod get_stage;
mod get_stages;
mod get_tags;
mod put_integration;
mod put_integration_response;
mod put_method;
mod put_method_response;
mod tag_resource;
mod untag_resource;
mod update_account;
mod update_deployment;
mod update_integration;
mod update_integration_response;
mod update_method;
mod update_method_response;
mod update_resource;
mod update_rest_api;
mod update_stage;

use kernel::{Operation, op};

use crate::ApiGateway;
use crate::access::*;

/// One row per operation, alphabetical.
#[rustfmt::skip]
pub(crate) fn table() -> Vec<Operation<ApiGateway>> {
    vec![
        op("CreateDeployment", create_deployment::create_deployment).action("apigateway:POST").on(deployments),
        op("CreateResource", create_resource::create_resource).action("apigateway:POST").on(parent),
        op("CreateRestApi", create_rest_api::create_rest_api).action("apigateway:POST").on(apis),
        op("CreateStage", create_stage::create_stage).action("apigateway:POST").on(stages),
        op("DeleteDeployment", delete_deployment::delete_deployment).action("apigateway:DELETE").on(deployment),
        op("DeleteIntegration", delete_integration::delete_integration).action("apigateway:DELETE").on(integration),
        op("DeleteIntegrationResponse", delete_integration_response::delete_integration_response).action("apigateway:DELETE").on(integration_response),
        op("DeleteMethod", delete_method::delete_method).action("apigateway:DELETE").on(method),
        op("DeleteMethodResponse", delete_method_response::delete_method_response).action("apigateway:DELETE").on(method_response),
        op("DeleteResource", delete_resource::delete_resource).action("apigateway:DELETE").on(resource),
        op("DeleteRestApi", delete_rest_api::delete_rest_api).action("apigateway:DELETE").on(api),
        op("DeleteStage", delete_stage::delete_stage).action("apigateway:DELETE").on(stage),
        op("GetAccount", get_account::get_account).action("apigateway:GET").on(account),
        op("GetDeployment", get_deployment::get_deployment).action("apigateway:GET").on(deployment),
        op("GetDeployments", get_deployments::get_deployments).action("apigateway:GET").on(deployments),
        op("GetIntegration", get_integration::get_integration).action("apigateway:GET").on(integration),
        op("GetIntegrationResponse", get_integration_response::get_integration_response).action("apigateway:GET").on(integration_response),
        op("GetMethod", get_method::get_method).action("apigateway:GET").on(method),
        op("GetMethodResponse", get_method_response::get_method_response).action("apigateway:GET").on(method_response),
        op("GetResource", get_resource::get_resource).action("apigateway:GET").on(resource),
        op("GetResources", get_resources::get_resources).action("apigateway:GET").on(resources),
        op("GetRestApi", get_rest_api::get_rest_api).action("apigateway:GET").on(api),
        op("GetRestApis", get_rest_apis::get_rest_apis).action("apigateway:GET").on(apis),
        op("GetStage", get_stage::get_stage).action("apigateway:GET").on(stage),
        op("GetStages", get_stages::get_stages).action("apigateway:GET").on(stages),
        op("GetTags", get_tags::get_tags).action("apigateway:GET").on(tags),
        op("PutIntegration", put_integration::put_integration).action("apigateway:PUT").on(integration),
        op("PutIntegrationResponse", put_integration_response::put_integration_response).action("apigateway:PUT").on(integration_response),
        op("PutMethod", put_method::put_method).action("apigateway:PUT").on(method),
        op("PutMethodResponse", put_method_response::put_method_response).action("apigateway:PUT").on(method_response),
        op("TagResource", tag_resource::tag_resource).action("apigateway:PUT").on(tags),
        op("UntagResource", untag_resource::untag_resource).action("apigateway:DELETE").on(tags),
        op("UpdateAccount", update_account::update_account).action("apigateway:PATCH").on(account),
        op("UpdateDeployment", update_deployment::update_deployment).action("apigateway:PATCH").on(deployment),
        op("UpdateIntegration", update_integration::update_integration).action("apigateway:PATCH").on(integration),
        op("UpdateIntegrationResponse", update_integration_response::update_integration_response).action("apigateway:PATCH").on(integration_response),
        op("UpdateMethod", update_method::update_method).action("apigateway:PATCH").on(method),
        op("UpdateMethodResponse", update_method_response::update_method_response).action("apigateway:PATCH").on(method_response),
        op("UpdateResource", update_resource::update_resource).action("apigateway:PATCH").on(resource),
        op("UpdateRestApi", update_rest_api::update_rest_api).action("apigateway:PATCH").on(api),
        op("UpdateStage", update_stage::update_stage).action("apigateway:PATCH").on(stage),
    ]
}

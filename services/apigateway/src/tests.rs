//! What the data plane finds of deployments and stages, which no operation shows, and changes that meet each other.
//!
//! What operations answer is in `cases/`.

mod cloud;
mod keys;

use std::sync::atomic::Ordering;

use kernel::Key;
use plan::definition::{
    PUBLISHED_SERVICE, PublishedDeployment, PublishedStage, published_key, published_scope,
};
use serde_json::{Value as Json, json};

use cloud::Cloud;

impl Cloud {
    pub(super) async fn api_with_method(&self) -> (Json, Json) {
        let api = self.ok("CreateRestApi", json!({"name": "demo", "binaryMediaTypes": ["image/png"]})).await;
        let parent = &api["rootResourceId"];
        let pets = json!({"restApiId": api["id"], "parentId": parent, "pathPart": "pets"});
        let pets = self.ok("CreateResource", pets).await;
        let method = json!({"restApiId": api["id"], "resourceId": pets["id"], "httpMethod": "GET", "authorizationType": "NONE"});
        self.ok("PutMethod", method).await;
        let mock =
            json!({"restApiId": api["id"], "resourceId": pets["id"], "httpMethod": "GET", "type": "MOCK"});
        self.ok("PutIntegration", mock).await;
        (api, pets)
    }

    pub(super) async fn stage(&self, api: &Json, name: &str) -> Option<PublishedStage> {
        self.published().get(&published_key(api["id"].as_str().unwrap(), name)).await.unwrap()
    }

    async fn deployment(&self, api: &Json, deployment: &Json) -> Option<PublishedDeployment> {
        let key = published_key(api["id"].as_str().unwrap(), deployment["id"].as_str().unwrap());
        self.published().get(&key).await.unwrap()
    }

    pub(super) fn published(&self) -> kernel::Tx {
        self.host.begin(PUBLISHED_SERVICE, &published_scope())
    }
}

#[tokio::test]
async fn a_deployment_is_published_and_stays_as_it_was() {
    let cloud = Cloud::new();
    let (api, pets) = cloud.api_with_method().await;
    let first = cloud
        .ok("CreateDeployment", json!({"restApiId": api["id"], "stageName": "prod", "variables": {"a": "b"}}))
        .await;
    cloud.ok("DeleteResource", json!({"restApiId": api["id"], "resourceId": pets["id"]})).await;

    let found = cloud.deployment(&api, &first).await.unwrap().api;
    assert_eq!((found.account.as_str(), found.region.as_str()), ("000000000000", "eu-west-1"));
    assert_eq!(found.binary_media_types, ["image/png"]);
    let paths: Vec<_> = found.resources.iter().map(|resource| resource.path.as_str()).collect();
    assert_eq!(paths.len(), 2);
    let resource = found.resources.iter().find(|resource| resource.path == "/pets").unwrap();
    let integration = resource.methods["GET"].integration.as_ref().unwrap();
    assert_eq!((integration.kind.as_str(), integration.timeout_ms), ("MOCK", 29_000));
    assert_eq!(found.models.keys().collect::<Vec<_>>(), ["Empty", "Error"]);

    let stage = cloud.stage(&api, "prod").await.unwrap();
    assert_eq!(stage.deployment_id, first["id"].as_str().unwrap());
    assert_eq!(stage.variables["a"], "b");
}

#[tokio::test]
async fn a_stage_is_published_with_each_change_and_taken_back() {
    let cloud = Cloud::new();
    let (api, _) = cloud.api_with_method().await;
    cloud.ok("CreateDeployment", json!({"restApiId": api["id"], "stageName": "prod"})).await;
    let patch = |path: &str, value: &str| json!({"op": "replace", "path": path, "value": value});
    let patches = [
        patch("/throttling/rateLimit", "1000"),
        patch("/~1pets/GET/throttling/burstLimit", "3"),
        patch("/variables/x", "y"),
    ];
    let update = json!({"restApiId": api["id"], "stageName": "prod", "patchOperations": patches});
    cloud.clock.0.fetch_add(5_000, Ordering::SeqCst);
    let updated = cloud.ok("UpdateStage", update).await;
    assert_ne!(updated["createdDate"], updated["lastUpdatedDate"]);
    let stage = cloud.stage(&api, "prod").await.unwrap();
    assert_eq!(stage.variables["x"], "y");
    assert_eq!(stage.method_settings["*/*"].throttling_rate_limit, Some(1000.0));
    // What is set for one method begins with what all methods have.
    assert_eq!(stage.method_settings["/pets/GET"].throttling_rate_limit, Some(1000.0));
    assert_eq!(stage.method_settings["/pets/GET"].throttling_burst_limit, Some(3));
    cloud.ok("DeleteStage", json!({"restApiId": api["id"], "stageName": "prod"})).await;
    assert_eq!(cloud.stage(&api, "prod").await, None);
}

#[tokio::test]
async fn nothing_of_an_api_is_left_when_it_is_removed() {
    let cloud = Cloud::new();
    let (api, pets) = cloud.api_with_method().await;
    // A template this large makes records that are stored in pieces.
    let template = json!({"application/json": "x".repeat(300_000)});
    let mock = json!({"restApiId": api["id"], "resourceId": pets["id"], "httpMethod": "GET", "type": "MOCK", "requestTemplates": template});
    cloud.ok("PutIntegration", mock).await;
    let deployment = cloud.ok("CreateDeployment", json!({"restApiId": api["id"], "stageName": "prod"})).await;
    assert!(cloud.deployment(&api, &deployment).await.is_some());
    cloud.ok("DeleteRestApi", json!({"restApiId": api["id"]})).await;
    let everything = kernel::store::Range { start: Key::new(), end: None, limit: 1000, descending: false };
    let left = cloud.host.store.snapshot().range(everything).await.unwrap();
    assert_eq!(left.iter().map(|entry| &entry.key).collect::<Vec<_>>(), Vec::<&Key>::new());
}

#[tokio::test]
async fn siblings_made_at_once_do_not_miss_each_other() {
    let cloud = Cloud::new();
    let api = cloud.ok("CreateRestApi", json!({"name": "demo"})).await;
    let wanted = json!({"restApiId": api["id"], "parentId": api["rootResourceId"], "pathPart": "pets"});
    let made: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn({
                let (cloud, wanted) = (cloud.clone(), wanted.clone());
                async move { cloud.call("CreateResource", wanted).await.is_ok() }
            })
        })
        .collect();
    let mut count = 0;
    for one in made {
        count += usize::from(one.await.unwrap());
    }
    assert_eq!(count, 1);
    let all = cloud.ok("GetResources", json!({"restApiId": api["id"]})).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
}

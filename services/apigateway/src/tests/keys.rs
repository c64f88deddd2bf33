//! What the data plane finds of API keys, usage plans and flushed stages.

use plan::definition::{
    PublishedApiKey, PublishedUsagePlan, UsageRecord, published_key_of_value, published_plan_key, usage_key,
};
use serde_json::{Value as Json, json};

use super::cloud::Cloud;

const SCOPE: (&str, &str) = ("000000000000", "eu-west-1");

impl Cloud {
    async fn key(&self, value: &str) -> Option<PublishedApiKey> {
        self.published().get(&published_key_of_value(SCOPE.0, SCOPE.1, value)).await.unwrap()
    }

    async fn plan(&self, plan: &Json) -> Option<PublishedUsagePlan> {
        let key = published_plan_key(SCOPE.0, SCOPE.1, plan["id"].as_str().unwrap());
        self.published().get(&key).await.unwrap()
    }
}

#[tokio::test]
async fn keys_and_plans_are_published_and_taken_back() {
    let cloud = Cloud::new();
    let (api, _) = cloud.api_with_method().await;
    cloud.ok("CreateDeployment", json!({"restApiId": api["id"], "stageName": "prod"})).await;
    let value = "01234567890123456789";
    let key = cloud.ok("CreateApiKey", json!({"value": value, "enabled": true})).await;
    let stages = json!([{"apiId": api["id"], "stage": "prod"}]);
    let plan = json!({"name": "plan", "apiStages": stages, "throttle": {"rateLimit": 2.5, "burstLimit": 3}});
    let plan = cloud.ok("CreateUsagePlan", plan).await;
    let pair = json!({"usagePlanId": plan["id"], "keyId": key["id"]});
    let mut made = pair.clone();
    made["keyType"] = json!("API_KEY");
    cloud.ok("CreateUsagePlanKey", made).await;

    let found = cloud.key(value).await.unwrap();
    assert_eq!((found.id.as_str(), found.is_enabled), (key["id"].as_str().unwrap(), true));
    assert_eq!(found.plan_ids, [plan["id"].as_str().unwrap()]);
    let path = format!("/apiStages/{}:prod/throttle/~1pets/GET/rateLimit", api["id"].as_str().unwrap());
    let patch = json!([{"op": "replace", "path": path, "value": "9"}]);
    cloud.ok("UpdateUsagePlan", json!({"usagePlanId": plan["id"], "patchOperations": patch})).await;
    let found = cloud.plan(&plan).await.unwrap();
    assert_eq!(found.throttle.map(|limits| (limits.rate, limits.burst)), Some((2.5, 3)));
    assert_eq!(found.stages[0].throttle["/pets/GET"].rate, 9.0);

    cloud.ok("DeleteStage", json!({"restApiId": api["id"], "stageName": "prod"})).await;
    assert!(cloud.plan(&plan).await.unwrap().stages.is_empty());
    cloud.ok("DeleteUsagePlan", json!({"usagePlanId": plan["id"]})).await;
    assert_eq!(cloud.plan(&plan).await, None);
    assert!(cloud.key(value).await.unwrap().plan_ids.is_empty());
    cloud.ok("DeleteApiKey", json!({"apiKey": key["id"]})).await;
    assert_eq!(cloud.key(value).await, None);
}

#[tokio::test]
async fn usage_is_read_and_written_where_the_data_plane_counts() {
    let cloud = Cloud::new();
    let key = cloud.ok("CreateApiKey", json!({})).await;
    let quota = json!({"limit": 100, "offset": 0, "period": "MONTH"});
    let plan = cloud.ok("CreateUsagePlan", json!({"name": "plan", "quota": quota})).await;
    let (plan_id, key_id) = (plan["id"].as_str().unwrap(), key["id"].as_str().unwrap());
    cloud
        .ok("CreateUsagePlanKey", json!({"usagePlanId": plan_id, "keyId": key_id, "keyType": "API_KEY"}))
        .await;
    // The clock stands at 2023-11-14.
    let mut tx = cloud.published();
    let record = UsageRecord {
        plan_id: plan_id.into(),
        key_id: key_id.into(),
        day: 19_673,
        used: 7,
        remaining: Some(93),
        ..UsageRecord::default()
    };
    tx.put(&record).unwrap();
    tx.commit().await.unwrap();
    let asked = json!({"usagePlanId": plan_id, "startDate": "2023-11-11", "endDate": "2023-11-14"});
    let usage = cloud.ok("GetUsage", asked.clone()).await;
    assert_eq!(usage["items"][key_id], json!([[0, 100], [7, 93], [0, 93], [0, 93]]));

    let patch = json!([{"op": "replace", "path": "/remaining", "value": "10"}]);
    let update = json!({"usagePlanId": plan_id, "keyId": key_id, "patchOperations": patch});
    let usage = cloud.ok("UpdateUsage", update).await;
    assert_eq!(usage["items"], json!({key_id: [[0, 10]]}));
    let stored: UsageRecord =
        cloud.published().get(&usage_key(plan_id, key_id, 19_675)).await.unwrap().unwrap();
    assert_eq!((stored.used, stored.remaining), (0, Some(10)));
    let usage = cloud.ok("GetUsage", asked).await;
    assert_eq!(usage["items"][key_id], json!([[0, 100], [7, 93], [0, 93], [0, 10]]));
}

#[tokio::test]
async fn flushing_moves_an_epoch_on() {
    let cloud = Cloud::new();
    let (api, _) = cloud.api_with_method().await;
    let stage = json!({"restApiId": api["id"], "stageName": "prod"});
    cloud.ok("CreateDeployment", stage.clone()).await;
    cloud.ok("FlushStageCache", stage.clone()).await;
    cloud.ok("FlushStageCache", stage.clone()).await;
    cloud.ok("FlushStageAuthorizersCache", stage).await;
    let found = cloud.stage(&api, "prod").await.unwrap();
    assert_eq!((found.cache_epoch, found.authorizer_epoch), (2, 1));
    assert_eq!((found.canary, found.cache_cluster_size), (None, None));
}

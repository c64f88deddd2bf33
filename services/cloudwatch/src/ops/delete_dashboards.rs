//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteDashboards.html>
//!
//! All of them, or none if one is not there.

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Dashboard, begin, dashboard_key};
use crate::error::Error;
use crate::generated::{DeleteDashboardsInput, DeleteDashboardsOutput};

pub(crate) async fn delete_dashboards(
    cx: &Ctx<CloudWatch>,
    req: DeleteDashboardsInput,
) -> Result<DeleteDashboardsOutput, Error> {
    let mut tx = begin(&cx.host);
    for name in req.dashboard_names {
        let key = dashboard_key(cx.account(), &name);
        if tx.get::<Dashboard>(&key).await?.is_none() {
            return Err(Error::NoDashboard(name));
        }
        tx.delete::<Dashboard>(&key);
    }
    tx.commit().await?;
    Ok(DeleteDashboardsOutput {})
}

//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html>

use kernel::Ctx;

use crate::CloudWatch;
use crate::alarm::{Dashboard, begin, dashboard_arn, dashboard_key};
use crate::error::Error;
use crate::generated::{GetDashboardInput, GetDashboardOutput};

pub(crate) async fn get_dashboard(
    cx: &Ctx<CloudWatch>,
    req: GetDashboardInput,
) -> Result<GetDashboardOutput, Error> {
    let name = req.dashboard_name;
    let found = begin(&cx.host).peek::<Dashboard>(&dashboard_key(cx.account(), &name)).await?;
    let Some(dashboard) = found else { return Err(Error::NoDashboard(name)) };
    Ok(GetDashboardOutput {
        dashboard_arn: Some(dashboard_arn(cx.account(), &name)),
        dashboard_body: Some(dashboard.body),
        dashboard_name: Some(name),
    })
}

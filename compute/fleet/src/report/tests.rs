//! The platform's lines, as AWS writes them.

use super::*;

const ID: &str = "8f507cfc-xmpl-4697-b07a-ac58fc914c95";

fn report(init_ms: Option<f64>, status: Status) -> Report {
    Report { duration_ms: 1.486, memory_mb: 128, memory_used_mb: 70, init_ms, status }
}

#[test]
fn report_lines() {
    let check = |report: Report, expect: &str| {
        assert_eq!(report.text(ID), format!("REPORT RequestId: {ID}\t{expect}"))
    };
    let figures = "Memory Size: 128 MB\tMax Memory Used: 70 MB\t";
    check(report(None, Status::Success), &format!("Duration: 1.49 ms\tBilled Duration: 2 ms\t{figures}"));
    check(
        report(Some(231.33), Status::FunctionError),
        &format!("Duration: 1.49 ms\tBilled Duration: 233 ms\t{figures}Init Duration: 231.33 ms\t"),
    );
    check(
        report(None, Status::Timeout),
        &format!("Duration: 1.49 ms\tBilled Duration: 2 ms\t{figures}Status: timeout"),
    );
    check(
        report(None, Status::Error("Runtime.ExitError".to_owned())),
        &format!(
            "Duration: 1.49 ms\tBilled Duration: 2 ms\t{figures}Status: error\tError Type: Runtime.ExitError"
        ),
    );
    assert_eq!(
        report(Some(2.0), Status::Timeout).json(ID, 0),
        format!(
            r#"{{"time":"1970-01-01T00:00:00.000Z","type":"platform.report","record":{{"requestId":"{ID}","metrics":{{"durationMs":1.486,"billedDurationMs":4,"memorySizeMB":128,"maxMemoryUsedMB":70,"initDurationMs":2.0}},"status":"timeout"}}}}"#
        )
    );
}

#[test]
fn failures() {
    let (line, object) = timed_out(ID, 3000, 0);
    assert_eq!(line, format!("1970-01-01T00:00:00.000Z {ID} Task timed out after 3.00 seconds\n"));
    assert_eq!(
        object,
        format!(
            r#"{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {ID} Error: Task timed out after 3.00 seconds"}}"#
        )
    );
    let (line, object) = exited(ID, "Runtime.ExitError", &exit_reason(None, Some(9)));
    assert_eq!(
        line,
        format!("RequestId: {ID} Error: Runtime exited with error: signal: killed\nRuntime.ExitError")
    );
    assert_eq!(
        object,
        format!(
            r#"{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {ID} Error: Runtime exited with error: signal: killed"}}"#
        )
    );
    assert_eq!(exit_reason(Some(129), None), "Runtime exited with error: exit status 129");
    assert_eq!(exit_reason(Some(0), None), "Runtime exited without providing a reason");
    let error = InitFailure::Error {
        error_type: "Runtime.ImportModuleError".to_owned(),
        payload: None,
        reason: String::new(),
    };
    assert_eq!(
        init_report(133.614, "init", &error),
        "INIT_REPORT Init Duration: 133.61 ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError"
    );
    assert_eq!(
        init_report_json(133.614, "init", &error, 0),
        r#"{"time":"1970-01-01T00:00:00.000Z","type":"platform.initReport","record":{"initializationType":"on-demand","phase":"init","status":"error","metrics":{"durationMs":133.614},"errorType":"Runtime.ImportModuleError"}}"#
    );
    assert_eq!(
        init_report(10_008.0, "init", &InitFailure::Timeout),
        "INIT_REPORT Init Duration: 10008.00 ms\tPhase: init\tStatus: timeout"
    );
}

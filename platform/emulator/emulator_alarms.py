"""Metric alarms as CloudWatch takes, keeps and refuses them (API reference, PutMetricAlarm), and metric filters of its logs.

By itself ministack loses queries of several metrics, says that every alarm looks at the average of something, takes alarms that
look further back than CloudWatch does, and looks at a metric whatever its dimensions. What it still lacks is missing data: an
alarm changes its state when a metric is written, or when it is told to.
"""

import emulator_log_metrics

HOUR, DAY = 3600, 86400
LIMIT_OF_ACTIONS = 5
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
# Of an alarm on one metric.
ALONE = ("MetricName", "Namespace", "Period", "Statistic", "ExtendedStatistic", "Dimensions", "Unit")


def _periods(request):
    queries = request.get("Metrics") or []
    found = [query.get("Period") or (query.get("MetricStat") or {}).get("Period") for query in queries]
    return [int(period) for period in [*found, request.get("Period")] if period]


def _refusal(request, region):
    for name in ("ComparisonOperator", "EvaluationPeriods"):
        if not request.get(name):
            return f"The parameter {name} is required for this alarm."
    count = int(request["EvaluationPeriods"])
    if int(request.get("DatapointsToAlarm") or 0) > count:
        return "DatapointsToAlarm must be less than or equal to EvaluationPeriods."
    for period in _periods(request):
        limit = DAY if period < HOUR else 7 * DAY
        if period * count > limit:
            return (f"Metrics cannot be checked across more than {limit // DAY} day(s) "
                    f"(EvaluationPeriods * Period must be <= {limit}).")
    queries = request.get("Metrics") or []
    if queries and sum(query.get("ReturnData", True) for query in queries) != (2 if request.get("ThresholdMetricId") else 1):
        return "Exactly one element of the metrics list should return data."
    for name in ACTIONS:
        arns = request.get(name) or []
        if len(arns) > LIMIT_OF_ACTIONS:
            return f"{name} must have no more than {LIMIT_OF_ACTIONS} members."
        for arn in arns:
            parts = arn.split(":")
            if parts[2] == "sns" and parts[3] != region:
                return f"Invalid region {parts[3]} specified. Only {region} is supported."
    return None


def extend(cloudwatch):
    put = cloudwatch._put_metric_alarm

    def put_as_asked(params, request, is_cbor, is_json=False):
        # Clients of old that write forms are left to the emulator.
        if not is_cbor and not is_json:
            return put(params, request, is_cbor, is_json)
        refused = _refusal(request, cloudwatch.get_region())
        if refused:
            return cloudwatch._error("ValidationError", refused, 400, use_json=is_json, use_cbor=is_cbor)
        answer = put(params, request, is_cbor, is_json)
        alarm = cloudwatch._alarms.get(request.get("AlarmName", ""))
        if answer[0] != 200 or alarm is None:
            return answer
        for name in ALONE:
            if name not in request:
                alarm.pop(name, None)
        for name in ("Metrics", "ThresholdMetricId", "EvaluateLowSampleCountPercentile"):
            if request.get(name):
                alarm[name] = request[name]
        if "Threshold" not in request:
            alarm.pop("Threshold", None)
        return answer

    evaluate = cloudwatch._evaluate_alarm

    def evaluate_own_metric(alarm):
        everything = cloudwatch._metrics
        dimensions = {it["Name"]: it["Value"] for it in alarm.get("Dimensions") or []}
        key = (alarm.get("Namespace"), alarm.get("MetricName"), cloudwatch._dims_key(dimensions))
        cloudwatch._metrics = {key: everything[key]} if key in everything else {}
        try:
            evaluate(alarm)
        finally:
            cloudwatch._metrics = everything

    cloudwatch._put_metric_alarm, cloudwatch._evaluate_alarm = put_as_asked, evaluate_own_metric


def _filter_refusal(transformation):
    dimensions, value = transformation.get("dimensions") or {}, transformation.get("metricValue", "")
    if dimensions and "defaultValue" in transformation:
        return "Invalid metric transformation: dimensions and default value are mutually exclusive properties."
    if len(dimensions) > 3:
        return "Invalid metric transformation: there may be 3 dimensions at most."
    try:
        if not value.startswith("$"):
            float(value)
    except ValueError:
        return f"Invalid metric transformation: metricValue '{value}' is neither a number nor a field of the pattern."
    return None


def extend_logs(logs):
    from ministack.core.responses import error_response_json

    put = logs._put_metric_filter

    def put_if_valid(data):
        for transformation in data.get("metricTransformations", []):
            refused = _filter_refusal(transformation)
            if refused:
                return error_response_json("InvalidParameterException", refused, 400)
        return put(data)

    logs._put_metric_filter = put_if_valid
    emulator_log_metrics.extend(logs)

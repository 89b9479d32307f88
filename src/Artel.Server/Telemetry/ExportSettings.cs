namespace Artel.Server.Telemetry;

/// <summary>
/// What the standard <c>OTEL_*</c> variables ask for, as far as the packages of OpenTelemetry do not read them by themselves: those read
/// endpoints, protocols, headers, periods, limits and resource attributes.
/// </summary>
/// <param name="Traces">Traces are exported by OTLP.</param>
/// <param name="Metrics">Metrics are exported by OTLP, beside <c>/metrics</c>.</param>
/// <param name="Problems">What is asked for and is not to be had; for the log.</param>
internal sealed record ExportSettings(bool Traces, bool Metrics, IReadOnlyList<string> Problems)
{
    public const string QueueSize = "OTEL_BSP_MAX_QUEUE_SIZE";

    /// <param name="variable">Gives a variable's value.</param>
    public static ExportSettings Read(Func<string, string?> variable)
    {
        if (string.Equals(variable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return new ExportSettings(false, false, []);
        }

        var problems = new List<string>();
        return new ExportSettings(IsAsked("TRACES"), IsAsked("METRICS"), problems);

        bool IsAsked(string signal)
        {
            var name = $"OTEL_{signal}_EXPORTER";
            if (variable(name) is not { Length: > 0 } text)
            {
                // An endpoint, and nothing that says otherwise, is what a collector's guide tells people to set.
                return variable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 } || variable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT") is { Length: > 0 };
            }

            var asked = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            problems.AddRange(asked.Where(a => a is not ("otlp" or "none" or "prometheus")).Select(
                a => $"{name}={a}: this server exports by otlp, or not at all (none); metrics are also at /metrics"));
            return asked.Contains("otlp");
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Artel.Cli.Json;

/// <summary>
/// Everything that <c>--json</c> prints. Field names are the records' in snake_case; fields are always there, null where there is
/// nothing to say. They are a contract (docs/cli-json.md): new ones may come, none is renamed.
/// </summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ActedJson))]
[JsonSerializable(typeof(AuditJson))]
[JsonSerializable(typeof(CreatedTokenJson))]
[JsonSerializable(typeof(DoctorJson))]
[JsonSerializable(typeof(EventJson))]
[JsonSerializable(typeof(ExplanationJson))]
[JsonSerializable(typeof(FetchedJson))]
[JsonSerializable(typeof(ForgottenNodeJson))]
[JsonSerializable(typeof(JobDetailJson))]
[JsonSerializable(typeof(JobListJson))]
[JsonSerializable(typeof(LimitListJson))]
[JsonSerializable(typeof(MapCheckJson))]
[JsonSerializable(typeof(MapPlanJson))]
[JsonSerializable(typeof(NodeListJson))]
[JsonSerializable(typeof(OutputJson))]
[JsonSerializable(typeof(PictureJson))]
[JsonSerializable(typeof(QuotaListJson))]
[JsonSerializable(typeof(RemovedScheduleJson))]
[JsonSerializable(typeof(RevokedTokenJson))]
[JsonSerializable(typeof(ScheduleJson))]
[JsonSerializable(typeof(ScheduleListJson))]
[JsonSerializable(typeof(ServerReadyJson))]
[JsonSerializable(typeof(StatsJson))]
[JsonSerializable(typeof(StatusJson))]
[JsonSerializable(typeof(KeyJson))]
[JsonSerializable(typeof(StoppedServerJson))]
[JsonSerializable(typeof(DashboardJson))]
[JsonSerializable(typeof(SubmittedJson))]
[JsonSerializable(typeof(TokenListJson))]
[JsonSerializable(typeof(UpJson))]
[JsonSerializable(typeof(UsageJson))]
[JsonSerializable(typeof(WaitedJson))]
internal sealed partial class ArtelJson : JsonSerializerContext
{
    /// <summary>One line; text of any script stays readable.</summary>
    public static ArtelJson OneLine { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });

    /// <summary>Several lines, for answers that people look at too.</summary>
    public static ArtelJson Indented { get; } = new(new JsonSerializerOptions(OneLine.Options) { WriteIndented = true });

    public static string Write<T>(T value, Func<ArtelJson, JsonTypeInfo<T>> type, bool indented = true) =>
        JsonSerializer.Serialize(value, type(indented ? Indented : OneLine));
}

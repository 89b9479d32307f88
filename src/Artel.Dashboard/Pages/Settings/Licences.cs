namespace Artel.Dashboard.Pages.Settings;

/// <param name="Id">As SPDX names it.</param>
/// <param name="Use">What it is there for.</param>
internal sealed record Licence(string Name, string Holder, string Id, string Use);

/// <summary>What the server and its pages are made of, and under which licences. Whoever adds a package that is shipped adds it here.</summary>
internal static class Licences
{
    private const string Mit = "MIT";
    private const string Apache = "Apache-2.0";
    private const string Bsd = "BSD-3-Clause";

    /// <summary>By name of the package, where it is one.</summary>
    public static IReadOnlyList<Licence> All { get; } =
    [
        new("Artel", "The Artel authors", Mit, "what this is"),
        new(".NET and ASP.NET Core", ".NET Foundation and contributors", Mit, "what the server runs on"),
        new("Apache ECharts", "The Apache Software Foundation", Apache, "draws the charts of these pages; with ZRender (BSD-3-Clause)"),
        new("Cronos", "Hangfire OÜ", Mit, "reads the times of schedules"),
        new("Google.Api.CommonProtos", "Google LLC", Bsd, "names the ways of the JSON API"),
        new("Google.Protobuf", "Google Inc.", Bsd, "what is said on the wire"),
        new("Grpc.AspNetCore, Grpc.Net.Client", "The gRPC Authors", Apache, "calls between server, nodes and users"),
        new("Microsoft.AspNetCore.Grpc.JsonTranscoding", "Microsoft Corporation", Mit, "the JSON API"),
        new("Microsoft.Data.Sqlite", "Microsoft Corporation", Mit, "the way to the database"),
        new("MudBlazor", "MudBlazor", Mit, "buttons, tables and dialogs of these pages"),
        new("Polly.Core", "App vNext", Bsd, "repeats calls of webhooks"),
        new("SQLite", "its authors", "public domain", "the database"),
        new("SQLitePCLRaw", "SourceGear", Apache, "brings SQLite along"),
        new("System.CommandLine", "Microsoft Corporation", Mit, "reads the options of the server"),
        new("System.IO.Hashing", "Microsoft Corporation", Mit, "checksums of outputs"),
        new("YamlDotNet", "Antoine Aubry and contributors", Mit, "reads and writes maps"),
    ];
}

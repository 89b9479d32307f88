namespace Artel.Node.Tests;

/// <summary>The program of tests/Artel.TestProgram, built beside these tests.</summary>
internal static class TestProgram
{
    public static string Path { get; } = System.IO.Path.Combine(
        AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "artel-test-program.exe" : "artel-test-program");
}

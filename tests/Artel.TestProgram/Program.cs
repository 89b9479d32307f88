namespace Artel.TestProgram;

internal static class Program
{
    private static int Main() => 0;
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Artel.Cli.Commands;
using Artel.Cli.Nodes;
using Artel.Cli.Output;
using Artel.Cli.Results;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Artel.Cli.Tests;

/// <summary>Lines of many tasks, and how much and since when is wanted.</summary>
public sealed class LogTests
{
    [Fact]
    public void Whole_lines_have_their_task_before_them_however_they_arrive()
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var printer = new PrefixedOutput(12, output, error, colours: false);

        printer.Print(1, 1, WireStream.Stdout, "one "u8);
        printer.Print(2, 1, WireStream.Stdout, "two\nand"u8);
        printer.Print(1, 1, WireStream.Stdout, "more\n"u8);
        printer.Print(1, 1, WireStream.Stderr, "oops\n"u8);
        printer.End(2);
        printer.End(1);

        Assert.Equal("12.2 | two\n12.1 | one more\n12.2 | and\n", Encoding.UTF8.GetString(output.ToArray()));
        Assert.Equal("12.1 | oops\n", Encoding.UTF8.GetString(error.ToArray()));
    }

    [Fact]
    public void A_line_without_an_end_is_held_only_up_to_a_bound()
    {
        using var output = new MemoryStream();
        var printer = new PrefixedOutput(1, output, Stream.Null, colours: true);

        for (var i = 0; i < 10; i++)
            printer.Print(1, 1, WireStream.Stdout, new byte[20 * 1024]);

        Assert.InRange(output.Length, 128 * 1024, 200 * 1024);
        Assert.StartsWith("\e[33m1.1 |\e[0m ", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20", 20, 0)]
    [InlineData("4KiB", 0, 4096)]
    public void An_end_is_lines_or_with_a_unit_bytes(string text, int lines, long bytes) => Assert.Equal((lines, bytes), TailOption.Parse(text, out _));

    [Theory]
    [InlineData("0", "from 1")]
    [InlineData("99999999999", "from 1")]
    [InlineData("4QB", "says no lines and no bytes: write lines like 20, or bytes like 4KiB")]
    public void Another_end_is_refused(string text, string error)
    {
        Assert.Null(TailOption.Parse(text, out var said));
        Assert.Contains(error, said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_time_is_a_date_or_how_long_ago()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

        Assert.Equal(clock.GetUtcNow().AddHours(-2), Moments.Parse("2h", clock));
        Assert.Equal(new DateTimeOffset(2026, 2, 1, 14, 30, 0, TimeSpan.Zero), Moments.Parse("2026-02-01T14:30Z", clock));
        Assert.Equal(new DateTimeOffset(new DateTime(2026, 2, 1, 14, 30, 0, DateTimeKind.Local)), Moments.Parse("2026-02-01 14:30", clock));
        Assert.Equal(new DateTimeOffset(new DateTime(2026, 2, 1, 0, 0, 0, DateTimeKind.Local)), Moments.Parse("2026-02-01", clock));
        Assert.Null(Moments.Parse("yesterday", clock));
        Assert.Null(Moments.Parse("2026-02-30", clock));
        Assert.Null(Moments.Parse("99999d", clock));
    }

    [Fact]
    public void A_long_list_is_printed_in_parts_with_one_head_and_columns_that_only_grow()
    {
        using var text = new StringWriter();
        var console = new Terminal(text, TextWriter.Null, false, false).Out;
        var listing = new Listing().Column("job", right: true).Column("name").Column("failed");

        listing.Row("1", "a", "");
        listing.PrintMore(console);
        listing.Row("12345", "b", "7");
        listing.PrintMore(console);
        listing.PrintMore(console);

        Assert.Equal(["job  name  failed", "  1  a", "12345  b     7", ""], text.ToString().Split('\n'));
    }

    [Fact]
    public void A_log_that_nobody_reads_keeps_nobody_waiting_and_says_later_what_it_dropped()
    {
        using var unread = new UnreadWriter();
        using (var log = new NodeLog(new Terminal(TextWriter.Null, unread, false, false), TimeProvider.System, LogLevel.Information, LogFormat.Text))
        {
            for (var i = 0; i < 5000; i++)
                log.Log(LogLevel.Information, default, i, null, (number, _) => FormattableString.Invariant($"line {number}"));

            unread.Read();
        }

        var lines = unread.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.EndsWith("line 0", lines[0], StringComparison.Ordinal);
        var count = Regex.Match(unread.Text, @"this log lost ([\d,]+) lines").Groups[1].Value;
        var dropped = int.Parse(count, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(dropped, 3998, 4000);
        Assert.Equal(5000, lines.Length - 1 + dropped);
    }

    /// <summary>Takes nothing until it is read: whoever writes waits.</summary>
    private sealed class UnreadWriter : StringWriter
    {
        private readonly ManualResetEventSlim _isRead = new();

        public string Text { get; private set; } = "";

        public void Read() => _isRead.Set();

        public override void Write(char value) => Keep(value.ToString());

        public override void Write(char[] buffer, int index, int count) => Keep(new string(buffer, index, count));

        public override void Write(string? value) => Keep(value);

        private void Keep(string? value)
        {
            _isRead.Wait(TestContext.Current.CancellationToken);
            Text += value;
        }
    }
}

using Artel.Node.Capture;
using Artel.Node.Leases;
using Artel.Node.Processes;
using Artel.Node.Spool;
using Artel.Node.Tests.Leases;
using Artel.Protocol.V1;
using Microsoft.Extensions.Logging.Abstractions;

namespace Artel.Node.Tests.Spool;

public sealed class ResultSpoolTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private LeaseTable _leases = new();
    private ResultSpool _spool;

    public ResultSpoolTests() => _spool = Open();

    private string JournalPath => Path.Combine(_folder.Path, "journal");

    public void Dispose()
    {
        _spool.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_result_is_there_after_a_restart_until_it_is_settled()
    {
        Add(1, "small");
        Add(2, new string('x', 40_000));

        Reopen();

        Assert.Equal([1, 2], Sequences());
        Assert.Equal("small", Output(1));
        Assert.Equal(new string('x', 40_000), Output(2));
        _spool.Settle([Range(1, 2)]);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "output")));
        Reopen();
        Assert.Empty(Sequences());
    }

    [Fact]
    public void What_is_not_here_is_not_settled()
    {
        Add(1, "a");
        Add(5, "b");

        _spool.Settle([Range(2, 1000)]);
        _spool.Settle([Range(2, 1000)]);
        Assert.Null(_spool.Find(new LeaseId(1, 5)));
        Assert.Equal([1], Sequences());
    }

    [Fact]
    public void A_record_that_was_being_written_is_cut_off_wherever_it_was_cut()
    {
        Add(1, "first");
        var whole = new FileInfo(JournalPath).Length;
        Add(2, "second");
        _spool.Dispose();
        var journal = File.ReadAllBytes(JournalPath);

        for (var length = (int)whole; length < journal.Length; length++)
        {
            File.WriteAllBytes(JournalPath, journal.AsSpan(0, length));
            _spool = Open();
            Assert.Equal([1], Sequences());
            Add(3, "third");
            Reopen();
            Assert.Equal([1, 3], Sequences());
            Assert.Equal("third", Output(3));
            _spool.Dispose();
        }

        _spool = Open();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(-3)]
    public void A_record_that_is_damaged_between_others_costs_only_its_own_result(int place)
    {
        Add(1, "first");
        var before = (int)new FileInfo(JournalPath).Length;
        Add(2, new string('x', 1000));
        var after = (int)new FileInfo(JournalPath).Length;
        Add(3, "third");
        _spool.Dispose();
        var journal = File.ReadAllBytes(JournalPath);
        journal[place < 0 ? after + place : before + place] ^= 0x40;
        File.WriteAllBytes(JournalPath, journal);

        _spool = Open();
        Add(4, "fourth");
        _spool.Dispose();
        _spool = Open();

        Assert.Equal([1, 3, 4], Sequences());
    }

    [Fact]
    public void A_page_of_zeroes_costs_the_results_that_stood_there()
    {
        for (var i = 1; i <= 100; i++)
            Add(i, new string('x', 1000));

        _spool.Dispose();
        var journal = File.ReadAllBytes(JournalPath);
        var perResult = journal.Length / 100;
        journal.AsSpan(20 * perResult, 4096).Clear();
        File.WriteAllBytes(JournalPath, journal);

        _spool = Open();

        Assert.InRange(Sequences().Count(), 94, 96);
        Assert.Equal([1, 2, 3], Sequences().Take(3));
        Assert.Equal([98, 99, 100], Sequences().TakeLast(3));
    }

    [Fact]
    public void A_damaged_record_is_not_taken_for_a_result()
    {
        Add(1, "first");
        Add(2, "second");
        _spool.Dispose();
        var journal = File.ReadAllBytes(JournalPath);
        journal[^3] ^= 1;
        File.WriteAllBytes(JournalPath, journal);

        _spool = Open();

        Assert.Equal([1], Sequences());
    }

    [Theory]
    [InlineData("changed", "was changed")]
    [InlineData("cut", "100 bytes short")]
    [InlineData("gone", "is gone")]
    public void A_damaged_output_is_seen_when_it_is_read_and_not_before(string damage, string message)
    {
        Add(1, new string('x', 40_000));
        Add(2, new string('y', 40_000));
        Damage(1, damage);

        Reopen();

        Assert.Equal([1, 2], Sequences());
        var announced = _spool.Find(new LeaseId(1, 1))!.Announcement(1_000_000);
        Assert.Equal((AttemptOutcome.Lost, false), (announced.Outcome, announced.DataFollows));
        Assert.True(announced.StdoutData.IsEmpty);
        Assert.Contains(message, announced.Message, StringComparison.Ordinal);
        var error = Record.Exception(() => Output(1));
        Assert.True(SpooledOutput.IsLost(error!), $"{error}");
        Assert.Equal(new string('y', 40_000), Output(2));
    }

    [Fact]
    public void An_output_that_cannot_be_read_just_now_is_announced_and_left_to_delivery()
    {
        Add(1, new string('x', 40_000));
        var path = _spool.OutputPath(new LeaseId(1, 1), OutputStream.Stdout);
        File.Delete(path);
        Directory.CreateDirectory(path);

        var announced = _spool.Find(new LeaseId(1, 1))!.Announcement(1_000_000);

        Assert.Equal((AttemptOutcome.Succeeded, true), (announced.Outcome, announced.DataFollows));
        Assert.Equal(40_000, announced.Stdout.Length);
        Assert.True(announced.StdoutData.IsEmpty);
    }

    [Fact]
    public void A_file_that_has_grown_is_read_as_far_as_was_announced()
    {
        Add(1, new string('x', 40_000));
        File.AppendAllText(_spool.OutputPath(new LeaseId(1, 1), OutputStream.Stdout), "and more");

        Reopen();

        Assert.Equal(new string('x', 40_000), Output(1));
        Assert.Equal(AttemptOutcome.Succeeded, _spool.Find(new LeaseId(1, 1))!.Announcement(1_000_000).Outcome);
    }

    [Fact]
    public void A_record_that_was_changed_while_the_agent_runs_is_a_result_that_is_lost()
    {
        Add(1, "first");
        Add(2, "second");
        var journal = File.ReadAllBytes(JournalPath);
        journal[20] ^= 1;
        File.WriteAllBytes(JournalPath, journal);

        var lost = _spool.Find(new LeaseId(1, 1))!.Result;

        Assert.Equal((AttemptOutcome.Lost, 1L), (lost.Outcome, lost.Lease.Sequence));
        Assert.Contains("its record in the journal was changed", lost.Message, StringComparison.Ordinal);
        Assert.Equal("second", Output(2));
    }

    [Fact]
    public void A_rewritten_journal_leaves_a_damaged_record_damaged()
    {
        Add(1, "kept");
        Add(2, "damaged");
        var journal = File.ReadAllBytes(JournalPath);
        journal[^3] ^= 1;
        File.WriteAllBytes(JournalPath, journal);
        for (var i = 3; i <= 6000; i++)
        {
            Add(i, new string('x', 15_000));
            _spool.Settle([Range(i, 1)]);
        }

        Assert.InRange(new FileInfo(JournalPath).Length, 0, 70_000_000);
        Assert.Equal("kept", Output(1));
        Assert.Equal(AttemptOutcome.Lost, _spool.Find(new LeaseId(1, 2))!.Result.Outcome);
    }

    [Fact]
    public void A_record_that_was_written_in_part_leaves_nothing_behind_the_next_one()
    {
        using var disk = Artel.Testing.SmallDisk.Mount(megabytes: 2);
        _spool.Dispose();
        _spool = ResultSpool.Open(disk.Path, _leases = new LeaseTable(), NullLogger.Instance);
        Add(1, "first");
        var journal = Path.Combine(disk.Path, "journal");
        var length = new FileInfo(journal).Length;
        disk.Fill();

        // The journal has the rest of a page; nothing more fits.
        Assert.ThrowsAny<IOException>(() => Add(2, new string('x', 10_000)));
        Assert.Equal(length, new FileInfo(journal).Length);
        disk.MakeRoom();
        Add(3, "third");

        Assert.Equal([1, 3], Sequences());
        Assert.Equal(("first", "third"), (Output(1), Output(3)));
        _spool.Dispose();
        _spool = Open();
    }

    [Fact]
    public void Output_of_attempts_that_never_ended_is_removed()
    {
        File.WriteAllText(_spool.OutputPath(new LeaseId(1, 9), OutputStream.Stderr), "half");

        Reopen();

        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "output")));
    }

    [Fact]
    public void The_journal_does_not_grow_for_ever()
    {
        for (var i = 1; i <= 3000; i++)
        {
            Add(i, new string('x', 100));
            if (i > 5)
                _spool.Settle([Range(i - 5, 1)]);
        }

        _spool.Settle([Range(1, 3000)]);

        Assert.InRange(new FileInfo(JournalPath).Length, 0, 100_000);
    }

    [Fact]
    public void A_rewritten_journal_holds_what_is_kept()
    {
        Add(1, "kept");
        for (var i = 2; i <= 6000; i++)
        {
            Add(i, new string('x', 15_000));
            _spool.Settle([Range(i, 1)]);
        }

        Assert.InRange(new FileInfo(JournalPath).Length, 0, 70_000_000);
        Add(9000, "later");
        Reopen();

        Assert.Equal([1, 9000], Sequences());
        Assert.Equal(("kept", "later"), (Output(1), Output(9000)));
    }

    [Fact]
    public void An_announcement_carries_its_data_only_within_the_credit()
    {
        Add(1, new string('x', 20_000));
        var spooled = _spool.Find(new LeaseId(1, 1))!;

        var without = spooled.Announcement(19_999);
        var with = spooled.Announcement(20_000);

        Assert.Equal((true, 0, 20_000), (without.DataFollows, without.StdoutData.Length, without.Stdout.Length));
        Assert.Equal((false, 20_000), (with.DataFollows, with.StdoutData.Length));
    }

    private static LeaseRange Range(long first, int count) => new() { Epoch = 1, FirstSequence = first, Count = count };

    private ResultSpool Open() => ResultSpool.Open(_folder.Path, _leases = new LeaseTable(), NullLogger.Instance);

    private void Damage(long sequence, string damage)
    {
        var path = _spool.OutputPath(new LeaseId(1, sequence), OutputStream.Stdout);
        var bytes = File.ReadAllBytes(path);
        switch (damage)
        {
            case "gone":
                File.Delete(path);
                return;
            case "cut":
                bytes = bytes[..^100];
                break;
            default:
                bytes[20_000] ^= 1;
                break;
        }

        File.WriteAllBytes(path, bytes);
    }

    /// <summary>As an agent finds it that is started after another was killed: nothing is written at the end.</summary>
    private void Reopen()
    {
        _spool.Dispose();
        _spool = Open();
    }

    private void Add(long sequence, string output)
    {
        var lease = new LeaseId(1, sequence);
        using var stdout = new CapturedStream(_spool.OutputPath(lease, OutputStream.Stdout), long.MaxValue);
        using var stderr = new CapturedStream(_spool.OutputPath(lease, OutputStream.Stderr), long.MaxValue);
        stdout.Append(System.Text.Encoding.UTF8.GetBytes(output));
        stdout.Complete();
        stderr.Complete();
        TakeUp(lease);
        _spool.Add(new AttemptResult { Lease = lease.ToLease(), Outcome = AttemptOutcome.Succeeded }, stdout, stderr);
    }

    private IEnumerable<int> Sequences() => _leases.Results().Select(r => (int)r.Lease.Sequence).Order();

    private string Output(long sequence)
    {
        using var reader = _spool.Find(new LeaseId(1, sequence))!.Stdout.Open();
        var text = new System.Text.StringBuilder();
        var buffer = new byte[4096];
        int count;
        while ((count = reader.Read(buffer)) > 0)
            text.Append(System.Text.Encoding.UTF8.GetString(buffer, 0, count));

        return text.ToString();
    }

    /// <summary>As a starter does.</summary>
    private void TakeUp(LeaseId lease)
    {
        _leases.Assign(Grants.Of(lease.Sequence, 1));
        _leases.TakeNext(Grants.Plenty, mayStartExclusive: true, 0, _ => null);
    }
}

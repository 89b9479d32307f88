namespace Artel.Server;

/// <summary>
/// The places where a server dies in the test of what it promises (CrashPointTests), in the order in which a server comes by them. One
/// list: a test goes through all of it, so that a new place is covered as soon as it is named here and marked by
/// <c>CrashPoints.Hit</c>. Numbers are never used again.
/// </summary>
internal enum CrashPoint
{
    /// <summary>Start of a new folder: the database is an empty file.</summary>
    DatabaseMade = 1,

    /// <summary>Start of a new or older folder: a step of the schema was taken and not committed. Once for each step.</summary>
    SchemaChanged = 2,

    /// <summary>Start: the new epoch is stored, nothing was read.</summary>
    EpochStored = 3,

    /// <summary>Start: what is unfinished was read.</summary>
    SnapshotRead = 4,

    /// <summary>Start: there is a certificate, which at a first start was just made.</summary>
    CertificateMade = 5,

    /// <summary>Start: it listens, nodes and people may be there, the admin's access file is of the time before.</summary>
    Listening = 6,

    /// <summary>Start: the access file is there, nobody was told that the server is ready.</summary>
    AccessFileWritten = 7,

    /// <summary>Change of the key: the next one is on disk, nobody was told.</summary>
    NextKeyMade = 50,

    /// <summary>Change of the key: the new one is on disk as the server's, it still presents the old one.</summary>
    KeyChanged = 51,

    /// <summary>Output that came with its result: half of its record is in the segment.</summary>
    RecordHalfWritten = 10,

    /// <summary>Output that came with its result: its record is in the segment, the rules do not know of the result.</summary>
    RecordWritten = 11,

    /// <summary>Long output: a block of it is in the segment, more may come.</summary>
    BlockWritten = 12,

    /// <summary>Long output: all of its blocks are in the segment, its header is not.</summary>
    RecordWithoutHeader = 13,

    /// <summary>The rules have run and a batch is sealed; the one before it may be under way to the disk.</summary>
    BatchSealed = 20,

    /// <summary>Commit: segments are on disk, the entries of new ones in their folders are not.</summary>
    SegmentsFlushed = 21,

    /// <summary>Commit: all output is on disk, nothing of what points at it.</summary>
    OutputFlushed = 22,

    /// <summary>Commit: in the transaction, all rows written.</summary>
    RowsWritten = 23,

    /// <summary>The transaction is on disk, nobody knows.</summary>
    Committed = 24,

    /// <summary>Nodes and watchers were told, callers have no answer.</summary>
    Told = 25,

    /// <summary>Callers have their answers, or are about to.</summary>
    Answered = 26,

    /// <summary>Schedules: what a time leads to is on disk, its job is not submitted.</summary>
    ScheduleDecided = 40,

    /// <summary>Schedules: the job is submitted, that it is the schedule's is not noted.</summary>
    ScheduleSubmitted = 41,

    /// <summary>On end: the command of an ended job is submitted, that it is done is not noted.</summary>
    OnEndSubmitted = 42,

    /// <summary>On end: the webhook was called and has answered, that it is done is not noted.</summary>
    WebhookAnswered = 43,

    /// <summary>Stop: asked to, nobody told.</summary>
    StopBegun = 30,

    /// <summary>Stop: all is committed, the database is not closed.</summary>
    StopCommitted = 31,
}

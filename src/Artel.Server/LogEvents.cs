namespace Artel.Server;

/// <summary>Ids of everything the server logs, in one list.</summary>
internal static class LogEvents
{
    public const int Started = 1;
    public const int Stopping = 2;
    public const int CommitFailed = 10;
    public const int ClockStepped = 11;
    public const int StateBroken = 12;
    public const int NodeConnected = 20;
    public const int NodeDisconnected = 21;
    public const int NodeRefused = 22;
    public const int NodeLinkEnded = 23;
    public const int ClassicClosed = 24;
    public const int ClassicEnded = 25;
    public const int ClassicIsOpen = 26;
    public const int NodeMessageRefused = 27;
    public const int NodeMessageFailed = 28;
    public const int ClassicFailed = 29;
    public const int JobSubmitted = 30;
    public const int NodeNotNotified = 33;
    public const int JobEnded = 31;
    public const int NodeLost = 32;
    public const int ScheduleRan = 40;
    public const int ScheduleRefused = 41;
    public const int SchedulesStopped = 42;
    public const int ScheduleWithoutTimes = 43;
    public const int ScheduleFailed = 44;
    public const int OnEndRefused = 50;
    public const int WebhookGivenUp = 51;
    public const int WebhookFailed = 52;
    public const int WebhookHostUnknown = 53;
    public const int OnEndFailed = 54;
    public const int WebhookBroken = 55;
    public const int NotExported = 60;
    public const int DiskIsShort = 70;
    public const int DiskHasRoom = 71;
    public const int RuntimeIsOld = 72;
    public const int CallRefused = 73;
    public const int PartFailed = 74;
    public const int CallFailed = 75;
    public const int KeyAnnounced = 76;
    public const int KeyChanged = 77;
    public const int NotAnnounced = 78;
    public const int HistoryUnread = 90;
    public const int HistoryUnwritten = 91;
}

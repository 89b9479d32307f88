using Artel.Protocol.Client;
using Artel.Protocol.Maps;
using Artel.Server.Hosting;
using Artel.Server.Security;
using Artel.Server.Storage;
using Google.Protobuf.WellKnownTypes;
using V1 = Artel.Protocol.V1;

namespace Artel.Server.Api;

/// <summary>What the server was started with, and what it takes on its disk.</summary>
internal sealed class SettingsReader(ServerOptions options, ServerLife life, Database database, DiskRoom room, TimeProvider time)
{
    /// <summary>There may be many files of outputs: they are looked at no more often than this.</summary>
    private static readonly TimeSpan OutputsFor = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private (long Bytes, long At)? _outputs;

    public V1.Settings Read(Principal caller)
    {
        var folder = database.Folder;
        var settings = new V1.Settings
        {
            Heartbeat = options.Heartbeat.ToDuration(),
            LostAfter = options.LostAfter.ToDuration(),
            MaxLosses = options.MaxLosses,
            Listen = life.Listening,
            ListenClassic = life.ListeningClassic,
            WebhookHosts = { options.WebhookHosts },
            StoreBytes = BytesOf(new DirectoryInfo(folder.Path), Path.GetFileName(folder.DatabaseFile) + "*", SearchOption.TopDirectoryOnly),
            OutputBytes = OutputBytes(folder),
            FreeBytes = room.Free,
            DiskBytes = room.Total,
            DiskReserve = room.Reserve,
            MaxOutputLimit = options.MaxOutputLimit ?? 0,
            MaxTasks = JobLimits.MaxTasks,
            MaxMessageBytes = ClusterChannel.MaxMessageBytes,
            Privacy = (V1.Privacy)options.Privacy,
            AuditKeep = options.AuditKeep.ToDuration(),
            MaxConnections = DescriptorLimit.Connections(),
        };
        if (caller.Role == V1.Role.Admin)
        {
            (settings.DataFolder, settings.HomeFolder) = (folder.Path, options.HomeDirectory);
        }

        return settings;
    }

    private long OutputBytes(DataFolder folder)
    {
        lock (_gate)
        {
            if (_outputs is not { } known || time.GetElapsedTime(known.At) > OutputsFor)
            {
                _outputs = known = (BytesOf(new DirectoryInfo(folder.OutputsFolder), "*", SearchOption.AllDirectories), time.GetTimestamp());
            }

            return known.Bytes;
        }
    }

    /// <summary>Files that come and go meanwhile count or do not.</summary>
    private static long BytesOf(DirectoryInfo folder, string pattern, SearchOption depth)
    {
        try
        {
            return folder.Exists ? folder.EnumerateFiles(pattern, depth).Sum(f => f.Exists ? f.Length : 0) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

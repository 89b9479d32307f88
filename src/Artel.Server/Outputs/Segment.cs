using Artel.Core;
using Microsoft.Win32.SafeHandles;

namespace Artel.Server.Outputs;

/// <summary>An open segment file. All but the file itself belongs to its <see cref="SegmentPool"/> and is used under that one's lock.</summary>
internal sealed class Segment(JobId job, int number, SafeFileHandle file)
{
    public JobId Job { get; } = job;

    /// <summary>Within its job, from 1.</summary>
    public int Number { get; } = number;

    public SafeFileHandle File { get; } = file;

    /// <summary>Where the next record goes.</summary>
    public long End { get; set; }

    /// <summary>It is one writer's alone, which does not know yet where its record ends.</summary>
    public bool IsGrowing { get; set; }

    /// <summary>Who reads or writes it now. It is not closed while there is one.</summary>
    public int Users { get; set; }

    /// <summary>Holds records that may not be on disk yet.</summary>
    public bool IsDirty { get; set; }

    /// <summary>Its job was deleted: the last user closes it.</summary>
    public bool IsDeleted { get; set; }

    public long LastUse { get; set; }
}

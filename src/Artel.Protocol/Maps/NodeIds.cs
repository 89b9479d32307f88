using System.Text;

namespace Artel.Protocol.Maps;

/// <summary>What a node may be called.</summary>
public static class NodeIds
{
    public const int MaxLength = 64;

    /// <summary>The rule in words, to end an error message with.</summary>
    public const string Rule = "a node id is 1 to 64 letters, digits, '-', '_' or '.', and begins with none of '-' and '.'";

    /// <summary>
    /// Letters and digits of any script. An id names a folder of results and stands on command lines, so it is never
    /// <c>..</c> and never looks like an option.
    /// </summary>
    public static bool IsValid(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > MaxLength || id[0] is '.' or '-')
            return false;

        foreach (var rune in id.EnumerateRunes())
        {
            if (!Rune.IsLetterOrDigit(rune) && rune.Value is not ('-' or '_' or '.'))
                return false;
        }

        return true;
    }
}

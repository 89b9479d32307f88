using System.Text;
using Artel.Server.Api;

namespace Artel.Server.Tests.Api;

/// <summary>A text in what comes in pieces.</summary>
public sealed class TextSearchTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void It_is_found_whichever_way_the_pieces_are_cut(int piece)
    {
        var text = Encoding.UTF8.GetBytes("aabaabaaab ÄRGER");

        Assert.Equal(1006, Find("aaab", ignoreCase: false));
        Assert.Equal(1011, Find("Ärger", ignoreCase: true));
        Assert.Null(Find("ärger", ignoreCase: true));
        Assert.Equal(1000, Find("a", ignoreCase: false));
        Assert.Null(Find("AAAB", ignoreCase: false));

        long? Find(string pattern, bool ignoreCase)
        {
            var search = new TextSearch(Encoding.UTF8.GetBytes(pattern), ignoreCase, 1000);
            return text.Chunk(piece).Select(p => search.Look(p)).FirstOrDefault(f => f is not null);
        }
    }

    [Fact]
    public void A_search_that_goes_on_where_another_ended_finds_what_lies_across()
    {
        var first = new TextSearch("needle"u8.ToArray(), ignoreCase: false, 0);
        Assert.Null(first.Look("hay nee"u8));
        Assert.Equal(2, first.Next);

        Assert.Equal(4, new TextSearch("needle"u8.ToArray(), ignoreCase: false, first.Next).Look("y needle"u8));
    }
}

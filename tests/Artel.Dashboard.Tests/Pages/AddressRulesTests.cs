using System.Reflection;
using Artel.Dashboard.Addresses;
using Artel.Dashboard.Pages;
using Artel.Dashboard.Pages.Jobs;
using Artel.Dashboard.Pages.Nodes;
using Artel.Dashboard.Pages.Tasks;
using Microsoft.AspNetCore.Components;

namespace Artel.Dashboard.Tests.Pages;

/// <summary>What pages take in their addresses.</summary>
public sealed class AddressRulesTests
{
    [Fact]
    public void Every_value_that_a_page_takes_is_text_and_has_a_rule()
    {
        var taken =
            from type in typeof(App).Assembly.GetTypes()
            from property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            let query = property.GetCustomAttribute<SupplyParameterFromQueryAttribute>()
            where query is not null && type != typeof(Login)
            select (type, property, name: (query.Name ?? property.Name).ToLowerInvariant());

        Assert.NotEmpty(taken);
        Assert.All(taken, t =>
        {
            Assert.Equal(typeof(string), t.property.PropertyType);
            Assert.Contains(t.name, AddressRules.Of(t.type).Keys);
        });
    }

    [Fact]
    public void Every_value_in_the_path_of_a_page_is_text()
    {
        var routes = typeof(App).Assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RouteAttribute>()).Select(r => r.Template).ToList();

        Assert.NotEmpty(routes);
        Assert.DoesNotContain(routes, r => r.Contains(':', StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(NodesPage), "page=abc", "page=abc")]
    [InlineData(typeof(NodesPage), "page=0", "page=0")]
    [InlineData(typeof(NodesPage), "page=99999999999999999999", "page=99999999999999999999")]
    [InlineData(typeof(NodesPage), "PAGE=-1&desc=maybe", "page=-1;desc=maybe")]
    [InlineData(typeof(JobsPage), "state=running,sleeping", "state=running,sleeping")]
    [InlineData(typeof(JobPage), "tab=nothing&from=1.5", "tab=nothing;from=1.5")]
    [InlineData(typeof(TaskPage), "attempt=two&out=-3&wrap=yes", "attempt=two;out=-3;wrap=yes")]
    [InlineData(typeof(TaskPage), "attempt=1&out=0&stream=both&find=%00%ff", "")]
    [InlineData(typeof(JobsPage), "page=&state=&unknown=7", "")]
    public void A_value_that_is_none_gets_a_line_each(Type page, string query, string said)
    {
        var problems = AddressRules.Problems(page, $"http://server/x?{query}");

        Assert.Equal(said.Split(';', StringSplitOptions.RemoveEmptyEntries), problems.Select(p => p.Split(' ')[3].TrimEnd(',')));
        Assert.All(problems, p => Assert.DoesNotContain("Exception", p, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name", JobGrouping.Name)]
    [InlineData("Name", JobGrouping.None)]
    [InlineData("1", JobGrouping.None)]
    public void Jobs_are_grouped_by_the_words_of_the_rule_only(string word, JobGrouping grouping) =>
        Assert.Equal(grouping, JobsView.Read(null, null, null, null, null, null, null, word, null).Grouping);

    [Fact]
    public void What_is_shown_of_a_value_is_short_and_on_one_line()
    {
        var problem = Assert.Single(AddressRules.Problems(typeof(NodesPage), $"http://server/nodes?page=a%0Ab{new string('x', 5000)}"));

        Assert.InRange(problem.Length, 1, 250);
        Assert.DoesNotContain('\n', problem);
    }
}

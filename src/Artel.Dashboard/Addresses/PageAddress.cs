using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace Artel.Dashboard.Addresses;

/// <summary>
/// The address that a page is on its way to. A change reaches the page after a round trip to the browser; another
/// change within that time applies to the address as it will be, so that two quick clicks both count. One for each
/// open page, used on its own thread of control.
/// </summary>
public sealed class PageAddress : IDisposable
{
    private readonly NavigationManager _navigation;
    private string? _wanted;
    private int _underWay;

    public PageAddress(NavigationManager navigation)
    {
        _navigation = navigation;
        navigation.LocationChanged += Arrived;
    }

    /// <summary>As it will be when all changes have reached the browser.</summary>
    public string Current => _wanted ?? _navigation.Uri;

    /// <summary>A value of <see cref="Current"/>; null if it has none.</summary>
    public string? this[string name] =>
        QueryHelpers.ParseQuery(new Uri(Current).Query).TryGetValue(name, out var values) ? values[0] : null;

    /// <summary>
    /// Changes values; null, empty and false remove one. The browser's "back" still leads to the page before.
    /// </summary>
    public void Set(params IReadOnlyList<(string Name, object? Value)> changes) => Go(With(changes), replace: true);

    /// <summary>The address with some values changed.</summary>
    public string With(params IReadOnlyList<(string Name, object? Value)> changes) =>
        _navigation.GetUriWithQueryParameters(
            Current, changes.ToDictionary(c => c.Name, c => c.Value is "" or false ? null : c.Value));

    /// <param name="replace">False if "back" returns to the present address.</param>
    public void Go(string address, bool replace)
    {
        _wanted = _navigation.ToAbsoluteUri(address).AbsoluteUri;
        _underWay++;
        _navigation.NavigateTo(_wanted, replace: replace);
    }

    public void Dispose() => _navigation.LocationChanged -= Arrived;

    /// <summary>
    /// Changes arrive one by one, and the last one is the wanted one. If the visitor followed a link meanwhile, that
    /// is where they are.
    /// </summary>
    private void Arrived(object? sender, LocationChangedEventArgs e)
    {
        if (_wanted is not null && (--_underWay <= 0 || e.Location == _wanted || e.IsNavigationIntercepted))
        {
            (_wanted, _underWay) = (null, 0);
        }
    }
}

namespace Artel.Core;

/// <summary>A template that waits for another one.</summary>
/// <param name="Template">The one that waits.</param>
/// <param name="On">For what.</param>
internal readonly record struct Dependent(Template Template, Dependency On);

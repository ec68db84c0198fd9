namespace Relay.Native;

/// <summary>
/// The C name of a field whose C# name differs, as a C member designator: <c>data.u64</c> names a member of a nested
/// type. An empty name is for padding that C does not name: it is not compared.
/// </summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NativeFieldAttribute(string name) : Attribute
{
    /// <summary>The member designator, or empty.</summary>
    public string Name { get; } = name;
}

namespace Relay.Native;

/// <summary>The C name of a constant or an enum member, which the ABI test compares with the header's value.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NativeConstantAttribute(string name, string headers) : Attribute
{
    /// <summary>The macro or enumerator as written in C.</summary>
    public string Name { get; } = name;

    /// <summary>The headers to include, separated by <c>;</c>.</summary>
    public string Headers { get; } = headers;
}

/// <summary>Every constant of this type has its C name and is declared in one header.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Enum)]
internal sealed class NativeConstantsAttribute(string headers) : Attribute
{
    /// <summary>The headers to include, separated by <c>;</c>.</summary>
    public string Headers { get; } = headers;
}

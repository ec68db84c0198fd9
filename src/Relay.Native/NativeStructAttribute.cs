using System.Runtime.InteropServices;

namespace Relay.Native;

/// <summary>
/// Says which C type a struct mirrors. The ABI test compiles the C type against the installed headers and compares the
/// size of the struct and the offset and size of every field; a mirrored struct without this attribute fails that test.
/// </summary>
/// <param name="type">The C type as written in C, such as <c>struct msghdr</c>.</param>
/// <param name="headers">
/// The header that declares it; several are separated by <c>;</c> and included in this order.
/// </param>
[AttributeUsage(AttributeTargets.Struct)]
internal sealed class NativeStructAttribute(string type, string headers) : Attribute
{
    /// <summary>The C type as written in C.</summary>
    public string Type { get; } = type;

    /// <summary>The headers to include, separated by <c>;</c>.</summary>
    public string Headers { get; } = headers;

    /// <summary>The architectures whose layout this is; none named means all.</summary>
    public Architecture[] Only { get; init; } = [];

    /// <summary>The architectures that have another layout.</summary>
    public Architecture[] Except { get; init; } = [];

    /// <summary>
    /// The C type may have more fields at its end than the struct: libraries that version their structs grow them
    /// there. The struct's size may then be smaller than the C type's.
    /// </summary>
    public bool GrowsAtEnd { get; init; }
}

namespace Relay.Protocol;

/// <summary>Takes the fields of a request, whichever version of HTTP they come from.</summary>
public interface IRequestFields
{
    /// <summary>
    /// Takes the next field of the section, in its order of arrival. Never throws on what a client can send.
    /// </summary>
    /// <param name="name">The decoded name.</param>
    /// <param name="value">The decoded value.</param>
    void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>Notes a fault that only its version of HTTP could see.</summary>
    /// <param name="fault">Any but <see cref="RequestFault.None"/>; the first that is found counts.</param>
    void Fail(RequestFault fault);
}

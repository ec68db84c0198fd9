namespace Relay.Native;

/// <summary>TLS could not be set up: a call of its library failed.</summary>
public sealed class TlsException : Exception
{
    internal TlsException(string message) : base(message)
    {
    }
}

namespace Relay.Interop.Tests.Lifecycle;

/// <summary>What a service manager sends (signal(7), the same number on every Linux).</summary>
internal static class Signals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Abort = 6;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>On x86 and Arm.</summary>
    public const int Stop = 19;
}

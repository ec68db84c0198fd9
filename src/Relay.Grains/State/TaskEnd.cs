using System.Runtime.CompilerServices;

namespace Relay.Grains.State;

/// <summary>A task whose end matters, and not how it ended.</summary>
internal static class TaskEnd
{
    /// <summary>Waits for the task's end, throws nothing, and goes on in the grain's turn.</summary>
    internal static ConfiguredTaskAwaitable Ended(this Task task) => task.ConfigureAwait(
        ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
}

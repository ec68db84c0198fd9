namespace Relay.Testing;

/// <summary>What is started in several steps, each of which may fail.</summary>
public static class Starting
{
    /// <summary>Takes the steps to where it can be used; where one fails, nothing of it is left behind.</summary>
    public static async Task<T> ReadyAfterAsync<T>(this T started, Func<T, Task> steps) where T : IAsyncDisposable
    {
        try
        {
            await steps(started);
            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }
}

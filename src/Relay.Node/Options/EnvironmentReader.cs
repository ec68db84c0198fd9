namespace Relay.Node.Options;

/// <summary>Reads <c>RELAY_…</c> environment variables.</summary>
/// <remarks>An empty variable counts as not set, as in most service managers' templates. An unknown one is no error:
/// Kubernetes sets <c>RELAY_SERVICE_HOST</c> and the like in every pod beside a service named "relay".</remarks>
internal static class EnvironmentReader
{
    /// <summary>Takes the variables of options; the values of a repeatable one are separated by commas.</summary>
    public static NodeOptions Read(IReadOnlyDictionary<string, string> environment)
    {
        var options = new NodeOptions();
        foreach (var option in OptionCatalog.All.Where(option => option.Places.HasFlag(OptionPlaces.Environment)))
        {
            if (!environment.TryGetValue(option.EnvironmentVariable, out string? text))
                continue;
            string[] texts = option.Kind == OptionKind.Repeatable
                ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                : text.Length == 0 ? [] : [text];
            if (texts.Length > 0)
                options.Set(option, OptionValue.FromEnvironment(option.EnvironmentVariable, texts));
        }

        return options;
    }
}

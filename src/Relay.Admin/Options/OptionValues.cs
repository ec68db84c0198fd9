namespace Relay.Admin.Options;

/// <summary>What was given for options, from wherever, and what is wrong with it.</summary>
internal sealed class OptionValues
{
    private readonly Dictionary<AdminOption, (string Text, string Source)> _values = [];
    private readonly List<string> _errors = [];

    /// <summary>One line for each error, without the program's name; no line holds a control character.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Takes a value, unless a place of higher rank gave one.</summary>
    /// <param name="option">The option.</param>
    /// <param name="text">The value.</param>
    /// <param name="source">Where, as an addition to the option's name: empty for the command line.</param>
    public void Take(AdminOption option, string text, string source) => _values.TryAdd(option, (text, source));

    /// <summary>The value; null where none was given.</summary>
    public string? Find(AdminOption option) => _values.TryGetValue(option, out var value) ? value.Text : null;

    /// <summary>Something is wrong with an option.</summary>
    public void Fail(AdminOption option, string message) =>
        Fail(option.Name + (_values.TryGetValue(option, out var value) ? value.Source : ""), message);

    /// <summary>Something is wrong that is no value of a known option.</summary>
    public void Fail(string subject, string message) =>
        _errors.Add(string.Concat($"{subject}: {message}".Select(static c => char.IsControl(c) ? '?' : c)));

    /// <summary>Opens a file, uses it, and puts into words why it cannot be read.</summary>
    public T? Use<T>(AdminOption option, string path, Func<byte[], T> use)
    {
        try
        {
            return use(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Fail(option, $"'{path}' does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            Fail(option, $"'{path}' cannot be read: permission denied, or it is a directory");
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            Fail(option, $"'{path}' cannot be read: {e.Message}");
        }
        return default;
    }
}

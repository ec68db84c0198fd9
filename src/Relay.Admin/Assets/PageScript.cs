using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Relay.Admin.Assets;

/// <summary>
/// Makes one script of the page's modules (ECMAScript modules, one concept a file): a browser asks once and not sixty times. Each
/// module becomes a function that gives what it exports, after those that it imports.
/// </summary>
internal sealed partial class PageScript
{
    private readonly IReadOnlyDictionary<string, string> _modules;
    private readonly Dictionary<string, string> _names = [];
    private readonly StringBuilder _script = new();

    private PageScript(IReadOnlyDictionary<string, string> modules) => _modules = modules;

    /// <summary>Joins a module with all that it imports.</summary>
    /// <param name="modules">The text of each by its path.</param>
    /// <param name="entry">The path of the first.</param>
    /// <exception cref="InvalidDataException">An import or export is of a form that is not known, or modules import each other.</exception>
    public static string Join(IReadOnlyDictionary<string, string> modules, string entry)
    {
        var script = new PageScript(modules);
        script.Add(entry);
        return script._script.ToString();
    }

    // The name of what it exports.
    private string Add(string path)
    {
        if (_names.TryGetValue(path, out var known))
            return known.Length > 0 ? known : throw new InvalidDataException($"{path} imports itself");
        _names[path] = "";
        var body = new StringBuilder();
        var exports = new List<string>();
        foreach (var line in (_modules.GetValueOrDefault(path) ?? throw new InvalidDataException($"{path} is not there")).Split('\n'))
        {
            if (Import().Match(line) is { Success: true } import)
                body.AppendLine(Imported(import, Add(Resolve(path, import.Groups["path"].Value))));
            else if (Export().Match(line) is { Success: true } export)
            {
                exports.Add(export.Groups["name"].Value);
                body.AppendLine(line["export ".Length..]);
            }
            else if (line.StartsWith("import", StringComparison.Ordinal) || line.StartsWith("export", StringComparison.Ordinal))
                throw new InvalidDataException($"{path}: {line}");
            else
                body.AppendLine(line);
        }
        var name = _names[path] = string.Create(CultureInfo.InvariantCulture, $"module{_names.Values.Count(static n => n.Length > 0)}");
        _script.Append(CultureInfo.InvariantCulture, $"// {path}\nconst {name} = (() => {{\n{body}return {{ {string.Join(", ", exports)} }};\n}})();\n");
        return name;
    }

    private static string Imported(Match import, string module) =>
        import.Groups["all"] is { Success: true } all ? $"const {all.Value} = {module};"
        : import.Groups["names"] is { Success: true } names
            ? $"const {{{names.Value.Replace(" as ", ": ", StringComparison.Ordinal)}}} = {module};"
        : "";

    private static string Resolve(string from, string path) =>
        Path.GetFullPath(path, Path.GetDirectoryName("/" + from)!)[1..];

    [GeneratedRegex(@"^import (?:(?:\* as (?<all>\w+)|\{(?<names>[^}]+)\}) from )?'(?<path>\.[^']+)';\r?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Import();

    [GeneratedRegex(@"^export (async )?(function|class|const) (?<name>\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Export();
}

using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;
using static Relay.Interop.Tests.Deployment.RenderedOverlay;

namespace Relay.Interop.Tests.Deployment;

/// <summary>A container as the kubelet starts it.</summary>
/// <param name="container">Its manifest.</param>
/// <param name="values">What fields of the pod and keys of Secrets hold, by <c>status.hostIP</c> or <c>secret/key</c>.</param>
internal sealed partial class KubeletContainer(YamlNode container, IReadOnlyDictionary<string, string> values)
{
    /// <summary>
    /// The environment. <c>$(NAME)</c> is a variable that stands before; of what does not, the text is handed on as it is
    /// (Kubernetes API, EnvVar.value).
    /// </summary>
    public Dictionary<string, string> Environment()
    {
        var all = new Dictionary<string, string>();
        foreach (var one in Items(container["env"]))
        {
            all[Text(one["name"])] = ((YamlMappingNode)one).Children.ContainsKey("valueFrom")
                ? values[Source(one["valueFrom"])]
                : Expand(Text(one["value"]), all);
        }
        return all;
    }

    /// <summary>The arguments, in which variables are expanded as well.</summary>
    public IEnumerable<string> Arguments()
    {
        var all = Environment();
        return Items(container["args"]).Select(one => Expand(Text(one), all));
    }

    /// <summary>The command of the preStop hook.</summary>
    public IEnumerable<string> PreStop() => Items(container["lifecycle"]["preStop"]["exec"]["command"]).Select(Text);

    private static string Source(YamlNode from) => from is YamlMappingNode map && map.Children.ContainsKey("fieldRef")
        ? Text(from["fieldRef"]["fieldPath"])
        : $"{Text(from["secretKeyRef"]["name"])}/{Text(from["secretKeyRef"]["key"])}";

    private static string Expand(string text, Dictionary<string, string> earlier) => Reference().Replace(
        text, match => match.Value == "$$" ? "$" : earlier.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    [GeneratedRegex(@"\$\$|\$\((?<name>[^)]+)\)")]
    private static partial Regex Reference();
}

using Relay.Admin.Assets;

namespace Relay.Admin.Tests;

/// <summary>How the page's modules become one script; that it runs is seen by the tests in a browser.</summary>
public class PageScriptTests
{
    [Fact]
    public void Join_PutsEachModuleOnce_AfterWhatItImports()
    {
        var script = PageScript.Join(new Dictionary<string, string>
        {
            ["js/app.js"] = "import './ui/first.js';\nimport { a, b as c } from './model/x.js';\nimport * as all from './model/x.js';\nrun(a, c, all);\n",
            ["js/ui/first.js"] = "import { a } from '../model/x.js';\nshow(a);\n",
            ["js/model/x.js"] = "export const a = 1;\nexport async function b() {}\nexport class D {}\n",
            ["js/model/unused.js"] = "export const z = 1;\n",
        }, "js/app.js").ReplaceLineEndings("\n");
        Assert.Equal(
            """
            // js/model/x.js
            const module0 = (() => {
            const a = 1;
            async function b() {}
            class D {}

            return { a, b, D };
            })();
            // js/ui/first.js
            const module1 = (() => {
            const { a } = module0;
            show(a);

            return {  };
            })();
            // js/app.js
            const module2 = (() => {

            const { a, b: c } = module0;
            const all = module0;
            run(a, c, all);

            return {  };
            })();

            """.ReplaceLineEndings("\n"), script);
    }

    [Theory]
    [InlineData("import a from './x.js';")]
    [InlineData("import { a } from 'elsewhere';")]
    [InlineData("import { a } from './missing.js';")]
    [InlineData("export default 1;")]
    [InlineData("export let a = 1;")]
    [InlineData("import './app.js';")]
    public void Join_OfWhatItCannotJoin_Fails(string line) => Assert.Throws<InvalidDataException>(() => PageScript.Join(
        new Dictionary<string, string> { ["js/app.js"] = line, ["js/x.js"] = "" }, "js/app.js"));
}

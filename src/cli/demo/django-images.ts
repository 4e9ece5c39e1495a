/** The images of the django-bridge example: nginx once for each of its configurations, and gunicorn. */
import { fileURLToPath } from "node:url";
import type { ExampleImage, ImageSet } from "./build.ts";

/** The files of `images/nginx/conf/`; each is a tag. */
const CONFIGURATIONS = ["bridge", "name", "awsvpc", "discovery"];

const NGINX: readonly ExampleImage[] = CONFIGURATIONS.map((tag) => ({
  repository: "ecs-django-nginx",
  tag,
  folder: "nginx",
  officialBase: "nginx:stable-alpine",
  buildArguments: { CONF: tag },
  command: ["nginx", "-g", "daemon off;"],
}));

const LAYOUT = `#!/bin/sh
set -e
root=$1
rm -f "$root"/etc/nginx/sites-enabled/default
ln -sf /dev/stdout "$root"/var/log/nginx/access.log
ln -sf /dev/stderr "$root"/var/log/nginx/error.log
for applet in nslookup nc ping ip; do ln -sf /bin/busybox "$root"/usr/bin/$applet; done
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
`;

export const DJANGO_IMAGES: ImageSet = {
  folder: fileURLToPath(new URL("../../../examples/django-bridge/images", import.meta.url)),
  images: [
    ...NGINX,
    { repository: "ecs-django-gunicorn", folder: "gunicorn", officialBase: "python:3.12-slim" },
  ],
  debian: { packages: ["nginx-light", "python3-django", "gunicorn", "busybox-static"], layout: LAYOUT },
};

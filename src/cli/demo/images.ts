/** The images of the ecs-navi example. */
import { buildImages, type ExampleImage, type ImageSet, pushImages } from "./build.ts";

const NGINX = ["nginx", "-g", "daemon off;"];

export const DEMO_IMAGES: readonly ExampleImage[] = [
  { repository: "ecs-navi-nginx", folder: "nginx", officialBase: "nginx:stable-alpine", command: NGINX },
  {
    repository: "ecs-navi-api",
    folder: "api",
    officialBase: "php:8.2-fpm",
    command: ["php-fpm8.2", "-F"],
  },
  {
    repository: "ecs-navi-nginx-proxy",
    folder: "nginx-proxy",
    officialBase: "nginx:stable-alpine",
    command: NGINX,
  },
];

/** Debian's files to where the official images have them, so that one Dockerfile serves both. */
const LAYOUT_HOOK = `#!/bin/sh
set -e
root=$1
rm -f "$root"/etc/nginx/sites-enabled/default
ln -sf /dev/stdout "$root"/var/log/nginx/access.log
ln -sf /dev/stderr "$root"/var/log/nginx/error.log
mkdir -p "$root"/usr/local/etc/php "$root"/run/php
sed -i 's#^pid = .*#pid = /var/tmp/php-fpm.pid#' "$root"/etc/php/8.2/fpm/php-fpm.conf
ln -sf /usr/local/etc/php/php.ini "$root"/etc/php/8.2/fpm/conf.d/99-local.ini
printf '[global]\\nerror_log = /proc/self/fd/2\\ndaemonize = no\\n[www]\\nuser = www-data\\ngroup = www-data\\nlisten = 9000\\npm = static\\npm.max_children = 2\\naccess.log = /proc/self/fd/2\\nclear_env = no\\ncatch_workers_output = yes\\n' > "$root"/etc/php/8.2/fpm/pool.d/www.conf
for applet in nslookup nc ping ip; do ln -sf /bin/busybox "$root"/usr/bin/$applet; done
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
`;

export function demoImages(folder: string): ImageSet {
  return {
    folder,
    images: DEMO_IMAGES,
    debian: { packages: ["nginx-light", "php8.2-fpm", "busybox-static"], layout: LAYOUT_HOOK },
  };
}

/** Builds what the engine does not have yet. Throws CommandFailure with the engine's words. */
export function buildDemoImages(imagesFolder: string): Promise<void> {
  return buildImages(demoImages(imagesFolder));
}

/** `docker push` into ECR, as the article does it: log in with ECR's password, tag, push. */
export function pushDemoImages(
  imagesFolder: string,
  endpoint: string,
  repositoryUris: ReadonlyMap<string, string>,
  password: string,
): void {
  pushImages(demoImages(imagesFolder), endpoint, repositoryUris, password);
}
